#include "simulation/world/wanted.hpp"

#include <fmt/format.h>

namespace halcyon::simulation {
namespace {

std::string told(const testing::Tables& t, const ReceiptKey& key) {
    std::string text;
    if (const auto r = t.receipts.find(key); r != t.receipts.end())
        text += fmt::format(" receipt {}{} chunks {}", r->second.version.text(),
                            r->second.deleted ? " deleted" : "", r->second.chunks);
    else
        text += " no receipt";
    if (const auto n = t.namespaces.find(key.document.ns); n != t.namespaces.end())
        text += fmt::format(", namespace gone at {}{}", n->second.version.text(),
                            n->second.swept ? " swept" : "");
    return text;
}

std::string name_of(const ReceiptKey& key) {
    return fmt::format("{} {} {}", key.collection.value(), key.document.ns.text(), key.document.id.display());
}

Provenance of(const DocumentKey& key, std::uint32_t chunk) {
    Provenance p;
    p.key = key;
    p.chunk = chunk;
    return p;
}

}  // namespace

void Wanted::settings_changed() {
    routes_.clear();
    for (const auto& r : settings_.routes)
        routes_.emplace(std::pair{r.to, r.from},
                        render::Route::compile(r, model_.identity(), 1, Distance::cosine).value());
}

std::size_t Wanted::chunks(const CollectionName& collection, const Namespace& ns,
                           const Document& document) const {
    const auto to = routes_.find({collection, ns});
    if (to == routes_.end() || document.empty()) return 0;
    const auto w = to->second.want(document).value();
    return w.wanted ? to->second.chunks(w.text).size() : 0;
}

std::map<CollectionName, Wanted::Points> Wanted::all(std::set<ReceiptKey>& refused) const {
    std::map<CollectionName, Points> wanted;
    for (const auto& r : settings_.routes) {
        const auto& to = routes_.at({r.to, r.from});
        for (const auto& [id, d] : source_.documents(r.from)) {
            const DocumentKey key{r.from, id};
            const auto w = to.want(d).value();
            if (!w.wanted) continue;
            const auto has = [](const std::string& text, const std::string& word) {
                return text.find(word) != std::string::npos;
            };
            if (has(w.payload, target_.poison) || has(w.text, model_.poison) ||
                has(w.payload, target_.sick) || has(w.text, model_.sick)) {
                refused.insert({r.to, key});
                continue;
            }
            const auto texts = to.chunks(w.text);
            for (std::uint32_t i = 0; i < texts.size(); ++i)
                wanted[r.to][point_id(settings_.source, r.to, key, i)] = {model_.vector_of(texts[i]),
                                                                          w.payload, of(key, i)};
        }
    }
    return wanted;
}

std::vector<std::string> Wanted::differences(const testing::Tables& stored) const {
    std::vector<std::string> found;
    std::set<ReceiptKey> refused;
    auto wanted = all(refused);
    for (const auto& c : settings_.collections) {
        const auto& name = c.spec.name;
        const auto& want = wanted[name];
        const auto collection = target_.collections.find(name);
        static const Points none;
        const auto& points = collection == target_.collections.end() ? none : collection->second.points;
        const auto line = [&](const char* what, const Target::Point& p, std::string more) {
            const ReceiptKey key{name, p.provenance.key};
            found.push_back(fmt::format("{}: {} chunk {}{}{}", what, name_of(key), p.provenance.chunk,
                                        told(stored, key), more));
        };
        for (const auto& [id, p] : points) {
            if (refused.count({name, p.provenance.key}) > 0) continue;
            const auto it = want.find(id);
            if (it == want.end())
                line("orphan", p, ", point of " + p.provenance.version.text());
            else if (!(it->second == p))
                line("stale", p,
                     fmt::format(", point of {} holds {} {} instead of {} {}", p.provenance.version.text(),
                                 p.vector, p.payload, it->second.vector, it->second.payload));
        }
        for (const auto& [id, p] : want)
            if (points.count(id) == 0) line("missing", p, "");
    }
    for (const auto& [key, letter] : stored.dead)
        if (refused.count(key) == 0)
            found.push_back("dead letter of a document that is in order: " + name_of(key));
    for (const auto& key : refused)
        if (stored.dead.count(key) == 0)
            found.push_back("no dead letter for " + name_of(key) + told(stored, key));
    for (const auto& [key, owed] : stored.owed)
        found.push_back(fmt::format("still owed: {}: {}", name_of(key), owed.reason));
    return found;
}

}  // namespace halcyon::simulation
