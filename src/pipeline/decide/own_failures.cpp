#include "pipeline/decide/own_failures.hpp"

namespace halcyon::pipeline {

void OwnFailures::failed(std::uint64_t successes, Cause cause) {
    if (!may_be_own(cause)) return;
    if (last_ && successes > *last_) ++count_;
    last_ = successes;
}

bool OwnFailures::may_be_own(Cause cause) {
    switch (cause) {
        case Cause::rate_limited:
        case Cause::unauthorized:
        case Cause::not_found:
        case Cause::disk_full:
        case Cause::conflict:
        case Cause::unsupported:
            return false;
        default:
            return true;
    }
}

}  // namespace halcyon::pipeline
