// Worlds with jobs in them, for tests of single situations.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "jobs/records.hpp"
#include "simulation/world/world.hpp"

namespace halcyon::simulation {

inline const CollectionName alpha{"alpha"};
inline const Namespace items{"shop", "items"};

inline BackfillRequest of_alpha(BackfillMode mode) {
    BackfillRequest q;
    q.collection = alpha;
    q.mode = mode;
    return q;
}

inline std::string list(const std::vector<std::string>& lines) {
    std::string all;
    for (const auto& l : lines) all += "\n  " + l;
    return all;
}

inline Job job(World& world, const std::string& id) {
    for (auto& j : world.jobs().jobs())
        if (j.id == id) return j;
    return {};
}

inline std::string begin(World& world, const BackfillRequest& q) {
    const auto started = world.ask(world.jobs().start(q));
    REQUIRE(started);
    REQUIRE(started->has_value());
    return started->value().id;
}

inline Job finish(World& world, const std::string& id) {
    world.run_until([&] { return jobs::ended(job(world, id).state); }, std::chrono::hours(1));
    return job(world, id);
}

inline JobState act(World& world, const std::string& id, JobControl::Act what) {
    const auto done = world.ask(world.jobs().act(id, what));
    REQUIRE(done);
    REQUIRE(done->has_value());
    return done->value().state;
}

inline void fill(World& world, int documents) {
    for (int i = 0; i < documents; ++i)
        world.source.put(items, Document::from_json("{\"_id\":" + std::to_string(i) + ",\"t\":\"t" +
                                                    std::to_string(i) + "\",\"u\":\"u\",\"p\":1}")
                                    .value());
}

/// The stream begins at the last change of before, which is of a route into beta.
inline void fill_unseen(World& world, int documents) {
    fill(world, documents);
    world.source.put({"shop", "notes"}, Document::from_json(R"({"_id":0,"u":"u"})").value());
}

inline DocId number(int id) {
    return DocId::of(Document::from_json("{\"_id\":" + std::to_string(id) + "}").value().bson()).value();
}

struct Settled : World {
    explicit Settled(int documents, std::uint64_t seed = 3) : World(seed) {
        fill(*this, documents);
        start();
        REQUIRE(settle(std::chrono::hours(1)));
    }
};

}  // namespace halcyon::simulation
