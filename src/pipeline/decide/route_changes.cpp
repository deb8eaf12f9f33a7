#include "pipeline/decide/route_changes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace halcyon::pipeline {
namespace {

using Edge = std::pair<CollectionName, Namespace>;

std::string note_name(const CollectionName& to, const Namespace& from, std::string_view part) {
    return fmt::format("route/{}/{}/{}", to.value(), from.text(), part);
}

std::string documents(std::uint64_t n) { return n == 1 ? "1 document" : fmt::format("{} documents", n); }

/// ", about 2.1 M tokens", where it is known.
std::string cost(const std::optional<std::uint64_t>& tokens) {
    if (!tokens) return {};
    const auto n = static_cast<double>(*tokens);
    if (*tokens < 1000) return fmt::format(", about {} tokens", *tokens);
    if (*tokens < 999'500) return fmt::format(", about {:.0f} k tokens", n / 1e3);
    return fmt::format(", about {:.1f} M tokens", n / 1e6);
}

}  // namespace

std::string_view to_string(RouteChange::Kind kind) {
    switch (kind) {
        case RouteChange::Kind::added:
            return "added";
        case RouteChange::Kind::changed:
            return "changed";
        case RouteChange::Kind::gone:
            return "gone";
    }
    return "?";
}

Notes notes_of(const render::Route& route) {
    Notes out;
    for (auto& [part, value] : route.parts())
        out.emplace_back(note_name(route.options().to, route.options().from, part), std::move(value));
    return out;
}

Notes no_notes(const Namespace& from, const CollectionName& to) {
    Notes out;
    for (const auto part : render::Route::part_names) out.emplace_back(note_name(to, from, part), "");
    return out;
}

std::vector<RouteChange> route_changes(const Notes& stored,
                                       const std::vector<std::pair<Namespace, CollectionName>>& known,
                                       const std::vector<render::Route>& routes) {
    const std::map<std::string, std::string> before(stored.begin(), stored.end());
    std::set<Edge> then;
    for (const auto& [from, to] : known) then.emplace(to, from);
    std::set<Edge> now;
    std::set<CollectionName> used;
    std::vector<RouteChange> out;
    for (const auto& route : routes) {
        const auto& o = route.options();
        now.emplace(o.to, o.from);
        used.insert(o.to);
        if (!then.contains({o.to, o.from})) {
            if (!then.empty()) out.push_back({o.from, o.to, RouteChange::Kind::added, {}});
            continue;
        }
        RouteChange change{o.from, o.to, RouteChange::Kind::changed, {}};
        for (const auto& [part, value] : route.parts()) {
            const auto at = before.find(note_name(o.to, o.from, part));
            if (at == before.end() || at->second.empty() || at->second == value) continue;
            change.parts.emplace_back(part);
            change.embeds = change.embeds || render::Route::part_is_embedded(part);
        }
        if (!change.parts.empty()) out.push_back(std::move(change));
    }
    for (const auto& [to, from] : then)
        if (!now.contains({to, from}))
            out.push_back({from, to, RouteChange::Kind::gone, {}, false, used.contains(to)});
    std::sort(out.begin(), out.end(),
              [](const auto& a, const auto& b) { return std::tie(a.to, a.from) < std::tie(b.to, b.from); });
    return out;
}

std::string sentence(const RouteChange& c) {
    const auto route = fmt::format("{} -> {}", c.from.text(), c.to.value());
    switch (c.kind) {
        case RouteChange::Kind::added:
            return fmt::format("{}: a new route, its documents are read and embedded{}", route,
                               cost(c.tokens));
        case RouteChange::Kind::changed:
            return fmt::format(
                "{}: {} changed; {} {}{}", route, fmt::join(c.parts, ", "), documents(c.documents),
                c.embeds ? "to embed again" : "to compare, and to embed only those that come in anew",
                cost(c.tokens));
        case RouteChange::Kind::gone:
            break;
    }
    if (!c.collection_is_used)
        return fmt::format(
            "{}: no route leads to the collection any more; halcyon leaves it and its {} alone, delete it in "
            "Qdrant when nobody searches it",
            route, documents(c.documents));
    return fmt::format("{}: the route is gone, {} are orphans; `halcyon apply --orphans --yes` removes them",
                       route, documents(c.documents));
}

SettingsChange summary(const RouteChange& c) {
    return {c.from.text(), c.to.value(), std::string(to_string(c.kind)), c.parts, c.documents,
            c.tokens,      sentence(c)};
}

}  // namespace halcyon::pipeline
