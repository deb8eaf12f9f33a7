#include "qdrant/outcomes.hpp"

namespace halcyon::qdrant {

void Outcomes::failed(std::size_t operation, const Error& error) {
    if (!good(operation)) return;
    auto e = error;
    if (touched_[operation] && e.verdict == Verdict::retry) e.cause = Cause::in_doubt;
    list_[operation] = fail(std::move(e));
}

void Outcomes::stop(const Error& error) {
    if (error.verdict == Verdict::reject || error.verdict == Verdict::resync || stopped_) return;
    stopped_ = error.in("not sent after");
    if (stopped_->cause == Cause::in_doubt) stopped_->cause = Cause::unavailable;
}

void Outcomes::unsent(std::size_t operation) { failed(operation, *stopped_); }

std::vector<Part> Outcomes::still_good(const std::vector<Part>& request) const {
    std::vector<Part> parts;
    for (const auto& part : request)
        if (good(part.operation)) parts.push_back(part);
    return parts;
}

}  // namespace halcyon::qdrant
