// When a state of a document was true.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon {

/// MongoDB's cluster time (a BSON timestamp). Zero: none.
struct ClusterTime {
    std::uint32_t seconds = 0;
    std::uint32_t increment = 0;
    auto operator<=>(const ClusterTime&) const = default;
    bool empty() const { return seconds == 0 && increment == 0; }
};

/// A lower bound: the state that carries it contains every change to that document up to it.
/// Order: epoch, cluster time, operation index. `last` marks a state read at a cluster time: it contains all
/// of it.
struct Version {
    static constexpr std::uint32_t last = std::numeric_limits<std::uint32_t>::max();

    std::uint32_t epoch = 0;
    ClusterTime time{};
    std::uint32_t operation = 0;
    auto operator<=>(const Version&) const = default;
    bool empty() const { return *this == Version{}; }
    /// The newest version that is older; of the empty one the empty one.
    Version before() const;
    /// Fixed width hexadecimal, so that texts sort as versions do: "00000001-655f0f4d-00000003-ffffffff".
    std::string text() const;
    static std::optional<Version> parse(std::string_view text);
};

}  // namespace halcyon
