// Replies for the scripted server: recorded ones, and events that are made up.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/key.hpp"
#include "support/mongo_player.hpp"
#include "support/recording.hpp"

namespace halcyon::test {

/// Queues a scenario's replies: its aggregates and getMores, as they were given, from row `first`.
inline void play(MongoPlayer& player, std::string_view scenario, std::string_view ns_of_aggregate) {
    bool playing = false;
    for (const auto& row : test::scenario("4.2.8", scenario)) {
        const auto name = row.name();
        if (name == ns_of_aggregate && !playing) {
            playing = true;
            player.queue("aggregate", row.reply);
        } else if (name == "getMore" && playing) {
            if (row.reply.empty()) return;
            player.queue("getMore", row.reply);
        } else if (playing) {
            return;
        }
    }
}

inline std::size_t events_in(std::string_view scenario) {
    std::size_t count = 0;
    for (const auto& row : test::scenario("4.2.8", scenario)) count += row.batch().size();
    return count;
}

inline std::string event_json(const std::string& fields, unsigned increment) {
    return fmt::format(R"({{"_id":{{"_data":"826B00EA7C{:08X}2B022C0100296E5A10"}},
        "clusterTime":{{"$timestamp":{{"t":1795222140,"i":{}}}}},{}}})",
                       increment, increment, fields);
}
inline std::string upsert(int id, unsigned increment, const std::string& more = "") {
    return bson(event_json(
        fmt::format(R"("operationType":"insert","ns":{{"db":"shop","coll":"a"}},"documentKey":{{"_id":{0}}},
            "fullDocument":{{"_id":{0}{1}}})",
                    id, more),
        increment));
}
inline std::string key_only(int id, unsigned increment) {
    return bson(event_json(
        fmt::format(R"("operationType":"insert","ns":{{"db":"shop","coll":"a"}},"documentKey":{{"_id":{}}})",
                    id),
        increment));
}

/// A part of the event at `increment`; its fields, without the comma.
inline std::string fragment(int number, int of, unsigned increment, const std::string& fields) {
    return bson(fmt::format(R"({{"_id":{{"_data":"826B00EA7C{:08X}2B022C0100296E5A10{:02X}04"}},
        "splitEvent":{{"fragment":{},"of":{}}},{}}})",
                            increment, number, number, of, fields));
}
/// The insert of a document in two parts.
inline std::vector<std::string> halves(int id, unsigned increment) {
    return {fragment(1, 2, increment,
                     fmt::format(
                         R"("operationType":"insert","clusterTime":{{"$timestamp":{{"t":1795222140,"i":{}}}}},
        "ns":{{"db":"shop","coll":"a"}},"documentKey":{{"_id":{}}})",
                         increment, id)),
            fragment(2, 2, increment, fmt::format(R"("fullDocument":{{"_id":{},"half":2}})", id))};
}

inline const std::vector<Namespace> one{{"shop", "a"}};

inline std::string stage(const PlayedCommand& aggregate) { return json(aggregate.bson); }

}  // namespace halcyon::test
