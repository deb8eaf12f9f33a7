// Requests that read points, and their replies (Qdrant's REST API, 1.17 to 1.19). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/ports/sink.hpp"

namespace halcyon::qdrant {

/// What all reads are asked with.
struct ReadParameters {
    unsigned timeout_s = 0;        // 0: not sent
    std::string_view consistency;  // empty: not sent
};
/// "/collections/{c}/points/{what}?timeout=..&consistency=.."
std::string read_target(std::string_view collection, std::string_view what, const ReadParameters& parameters);

/// `POST ../points/scroll` for all chunks whose `_halcyon.key` is one of `tags`. `from`: a page's `next`.
std::string lookup_body(const std::vector<std::string>& tags, const std::optional<std::string>& from,
                        std::size_t limit);
/// `POST ../points/scroll` over everything, without a filter.
std::string scroll_body(const std::optional<std::string>& from, std::size_t limit);
/// `POST ../points/count`
std::string count_body();
/// `POST ../points/query`. REQUIRES: `vector` and `filter` (empty: none) are JSON.
std::string query_body(std::string_view vector, std::string_view vector_name, std::string_view filter,
                       std::size_t limit);

struct FoundChunk {
    HeldChunk held;
    std::string tag;  // its `_halcyon.key`
};
struct FoundPage {
    std::vector<FoundChunk> chunks;
    std::size_t foreign = 0;  // points without `_halcyon`, or with one that does not decode
    std::optional<std::string> next;
};
/// Errors of all parsers: {retry, unavailable}, the reply is not Qdrant's.
Result<FoundPage> parse_scroll(std::string_view body);
Result<std::uint64_t> parse_count(std::string_view body);

struct FoundPoint {
    std::string id;  // a UUID, or an unsigned integer
    double score = 0;
    std::string payload;  // JSON object
};
Result<std::vector<FoundPoint>> parse_query(std::string_view body);

}  // namespace halcyon::qdrant
