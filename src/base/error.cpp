#include "base/error.hpp"

#include <fmt/format.h>

namespace halcyon {

std::string_view to_string(Verdict v) {
    switch (v) {
        case Verdict::retry:
            return "retry";
        case Verdict::reject:
            return "reject";
        case Verdict::resync:
            return "resync";
        case Verdict::fatal:
            return "fatal";
    }
    return "?";
}

std::string_view to_string(Cause c) {
    switch (c) {
        case Cause::unavailable:
            return "unavailable";
        case Cause::timeout:
            return "timeout";
        case Cause::in_doubt:
            return "in_doubt";
        case Cause::rate_limited:
            return "rate_limited";
        case Cause::rejected:
            return "rejected";
        case Cause::too_large:
            return "too_large";
        case Cause::not_found:
            return "not_found";
        case Cause::unauthorized:
            return "unauthorized";
        case Cause::dimension_mismatch:
            return "dimension_mismatch";
        case Cause::history_lost:
            return "history_lost";
        case Cause::invalid_position:
            return "invalid_position";
        case Cause::unsupported:
            return "unsupported";
        case Cause::corrupted:
            return "corrupted";
        case Cause::disk_full:
            return "disk_full";
        case Cause::conflict:
            return "conflict";
        case Cause::invalid:
            return "invalid";
        case Cause::guard:
            return "guard";
        case Cause::internal:
            return "internal";
    }
    return "?";
}

Error Error::in(std::string_view where) const {
    Error e = *this;
    e.context = fmt::format("{}: {}", where, context);
    return e;
}

std::string describe(const Error& e) { return fmt::format("{}: {}", to_string(e.cause), e.context); }

}  // namespace halcyon
