// What the settings say otherwise than when the data was made. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/commit.hpp"
#include "core/overview.hpp"
#include "render/route.hpp"

namespace halcyon::pipeline {

struct RouteChange {
    Namespace from;
    CollectionName to;
    enum class Kind { added, changed, gone } kind = Kind::added;
    std::vector<std::string> parts;  // of a changed route: settings by name
    bool embeds = false;             // a changed part is part of every vector
    bool collection_is_used = true;  // another route leads there
    std::uint64_t documents = 0;     // that receipts say are held; filled in by whoever can count
    std::optional<std::uint64_t> tokens =
        std::nullopt;  // of what is to be embedded, about; where somebody counted
};

std::string_view to_string(RouteChange::Kind kind);

/// A route's parts as they are stored: small named facts (Commit::notes), written when a scan of the route is
/// complete.
using Notes = std::vector<std::pair<std::string, std::string>>;
Notes notes_of(const render::Route& route);
/// Of a route whose data is gone; a note is never erased.
Notes no_notes(const Namespace& from, const CollectionName& to);

/// `known` are the edges that were ever scanned. Sorted by collection and namespace. At the very first start
/// nothing is a change.
std::vector<RouteChange> route_changes(const Notes& stored,
                                       const std::vector<std::pair<Namespace, CollectionName>>& known,
                                       const std::vector<render::Route>& routes);

/// For observers.
SettingsChange summary(const RouteChange& change);

/// For people: what is different, and what follows.
std::string sentence(const RouteChange& change);

}  // namespace halcyon::pipeline
