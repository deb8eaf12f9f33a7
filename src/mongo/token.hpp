// What a resume token says: the readable head of its KeyString. Pure.
//
// Source of the format: recorded tokens of 4.2.8 (tests/fixtures) and the server's key_string and
// resume_token sources: 0x82 and the cluster time (seconds, increment; big-endian), then integers for the
// format's version, the token type (version 1 and later; 0 = high-water, 128 = event) and txnOpIndex, then a
// bool: is it of an invalidate.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/version.hpp"

namespace halcyon::mongo {

struct TokenHead {
    ClusterTime time{};
    std::uint32_t version = 0;
    /// Names no event: the position after an empty batch.
    bool high_water = false;
    /// Where in its transaction the event stands; 0 outside of one.
    std::uint32_t operation = 0;
    bool invalidate = false;
    bool operator==(const TokenHead&) const = default;
};

/// From the text of `_data` (hexadecimal, either case). Nothing when it is cut, garbage, or of a form that is
/// not known (server 4.0's binary tokens).
std::optional<TokenHead> decode_token(std::string_view hex);
/// The same from a whole token `{_data: "82..", ...}` as BSON bytes.
std::optional<TokenHead> decode_token_bson(std::string_view bson);

/// The cluster time alone, which a cut token may still tell.
std::optional<ClusterTime> token_time(std::string_view hex);

}  // namespace halcyon::mongo
