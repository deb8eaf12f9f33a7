#include "pipeline/decide/key_sequencer.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace halcyon::pipeline {

std::optional<Work> KeySequencer::admit(Work work) {
    auto [flying, first] = flying_.try_emplace(work.key, Flying{work.version, {}});
    if (first) return work;
    if (work.version <= flying->second.version) {
        // The work in flight contains this change: they settle together.
        auto& joined = flying->second.joined;
        for (auto& t : work.tickets) joined.push_back(std::move(t));
        return std::nullopt;
    }
    auto [parked, vacant] = parked_.try_emplace(work.key);
    if (vacant) {
        parked->second = std::move(work);
    } else if (work.version > parked->second.version) {
        adopt_tickets(work, parked->second);
        work.ask = work.ask || parked->second.ask;
        work.force = work.force || parked->second.force;
        parked->second = std::move(work);
    } else {
        adopt_tickets(parked->second, work);
        parked->second.ask = parked->second.ask || work.ask;
        parked->second.force = parked->second.force || work.force;
    }
    return std::nullopt;
}

std::optional<Work> KeySequencer::finish(const DocumentKey& key) {
    const auto flying = flying_.find(key);
    assert(flying != flying_.end());
    const auto parked = parked_.find(key);
    if (parked == parked_.end()) {
        flying_.erase(flying);
        return std::nullopt;
    }
    auto next = std::move(parked->second);
    parked_.erase(parked);
    flying->second = {next.version, {}};
    return next;
}

std::vector<TicketPtr> KeySequencer::take_joined(const DocumentKey& key) {
    const auto flying = flying_.find(key);
    return flying == flying_.end() ? std::vector<TicketPtr>{} : std::exchange(flying->second.joined, {});
}

bool KeySequencer::has_joined(const DocumentKey& key) const {
    const auto flying = flying_.find(key);
    return flying != flying_.end() && !flying->second.joined.empty();
}

bool KeySequencer::in_flight_before(const Namespace& ns, const Version& version) const {
    return std::any_of(flying_.begin(), flying_.end(),
                       [&](const auto& f) { return f.first.ns == ns && f.second.version < version; });
}

std::vector<Work> KeySequencer::take_parked() {
    std::vector<Work> taken;
    taken.reserve(parked_.size());
    for (auto& [key, work] : parked_) taken.push_back(std::move(work));
    parked_.clear();
    return taken;
}

}  // namespace halcyon::pipeline
