// Resume tokens: KeyStrings in hex, as a 4.2 server writes them (recorded). A high-water token names a time
// and no event.
#pragma once

#include <string>
#include <string_view>

#include "devstack/mongo/oplog.hpp"

namespace halcyon::devstack::mongo {

struct Token {
    std::string data;       // upper-case hex; their order as text is the order of events
    std::string type_bits;  // empty: none

    // {_data, _typeBits?}
    std::string to_bson() const;
    bool empty() const { return data.empty(); }
};

// Upper-case.
std::string to_hex(std::string_view bytes);

Token event_token(const Entry& entry, bool invalidate);
Token high_water_token(ClusterTime time);

struct DecodedToken {
    Token token;
    ClusterTime time = 0;
    bool names_event = false;
    bool invalidate = false;
};
// Of what the user gave as resumeAfter or startAfter. Throws CommandError as a 4.2 server refuses it.
DecodedToken decode_token(const Value& value);

}  // namespace halcyon::devstack::mongo
