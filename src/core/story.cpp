#include "core/story.hpp"

#include <array>

namespace halcyon {
namespace {

constexpr std::array<std::string_view, happened_count> names{
    "changed", "deleted",      "too_large",  "embedded_and_written", "payload_written",
    "removed", "held_already", "not_wanted", "superseded",           "owed",
    "failed",  "buried",       "doubted"};

}  // namespace

std::string_view to_string(Happened what) { return names.at(static_cast<std::size_t>(what)); }

std::optional<Happened> parse_happened(std::string_view text) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == text) return static_cast<Happened>(i);
    return std::nullopt;
}

std::string_view sentence(Happened what) {
    switch (what) {
        case Happened::changed:
            return "changed in MongoDB";
        case Happened::deleted:
            return "deleted in MongoDB";
        case Happened::too_large:
            return "changed in MongoDB (too large for the stream: it is read by its key)";
        case Happened::embedded_and_written:
            return "embedded and written";
        case Happened::payload_written:
            return "payload written, the vectors stay";
        case Happened::removed:
            return "removed";
        case Happened::held_already:
            return "held already: nothing to write";
        case Happened::not_wanted:
            return "not wanted here, and not held";
        case Happened::superseded:
            return "superseded by something newer";
        case Happened::owed:
            return "put off until it can be written";
        case Happened::failed:
            return "an attempt failed";
        case Happened::buried:
            return "became a dead letter";
        case Happened::doubted:
            return "a write's fate is unknown";
    }
    return "";
}

}  // namespace halcyon
