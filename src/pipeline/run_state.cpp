#include "pipeline/run_state.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "rules/backoff.hpp"

namespace halcyon::pipeline {

bool RunState::allowed(const std::string& guard, const std::string& question) {
    if (const auto it = approved.find(guard); it != approved.end() && it->second) {
        held.erase(guard);
        return true;
    }
    if (held.insert_or_assign(guard, question).second)
        log::error("guard", "{}: {}. It waits; `halcyon apply --yes` lets it go on", guard, question);
    return false;
}

std::string rebuilding_note(const CollectionName& collection) {
    return fmt::format("collection/{}/rebuilding", collection.value());
}

std::string embeddings_guard(const CollectionName& collection) {
    return fmt::format("max_embeddings:{}", collection.value());
}

SnapshotProgress voided(const Namespace& ns, const CollectionName& collection) {
    SnapshotProgress none;
    none.ns = ns;
    none.collection = collection;
    return none;
}

std::string random_id(Random& random) {
    const auto high = random.next();
    return fmt::format("{:016x}{:016x}", high, random.next());
}

Task<> back_off(const RunState& run, unsigned attempt) {
    co_await run.ports.clock.sleep(rules::backoff_delay({}, attempt, run.ports.random));
}

}  // namespace halcyon::pipeline
