#include "state/due_front.hpp"

#include <utility>

namespace halcyon::state {

DueFront::Look DueFront::look(const std::string& queue) const {
    const std::lock_guard lock(mutex_);
    const auto at = fronts_.find(queue);
    return at == fronts_.end() ? Look{queue, 0} : Look{at->second.from, at->second.marker};
}

void DueFront::found(const std::string& queue, const Look& look, std::string first) {
    const std::lock_guard lock(mutex_);
    auto& front = fronts_.try_emplace(queue, Front{queue}).first->second;
    if (front.marker == look.marker) front.from = std::move(first);
}

void DueFront::added(const std::string& queue, std::string_view first) {
    const std::lock_guard lock(mutex_);
    auto& front = fronts_.try_emplace(queue, Front{queue}).first->second;
    ++front.marker;
    if (first < front.from) front.from = first;
}

}  // namespace halcyon::state
