// An event of a change stream. Front: whether documents were asked for (1 byte, even: yes); then BSON, or the
// extended JSON of it.
#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "core/bson.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/values.hpp"
#include "mongo/protocol.hpp"
#include "render/route.hpp"

namespace halcyon::fuzz {
namespace {

const std::vector<Namespace> namespaces{{"shop", "products"}, {"shop", "orders"}, {"crm", "people"}};

bool routed(const Namespace& ns) { return std::ranges::find(namespaces, ns) != namespaces.end(); }

void check_change(const ChangeEvent& change, mongo::Detail detail) {
    HOLDS(routed(change.key.ns));
    HOLDS(DocId::of(change.key.id.bytes()).value() == change.key.id);
    const bool upsert = change.kind == ChangeEvent::Kind::upsert;
    HOLDS(change.document.empty() == (!upsert || change.needs_read));
    if (change.needs_read) HOLDS(upsert && detail == mongo::Detail::keys);
    // Nobody has looked into the document yet: rendering does.
    render::RouteOptions options;
    options.from = change.key.ns;
    options.to = CollectionName("c");
    options.text = "{{name}}";
    const auto route = render::Route::compile(std::move(options), "any", 8, Distance::dot).value();
    if (!change.document.empty()) {
        const auto wanted = route.want(change.document);
        if (wanted && wanted.value().wanted) HOLDS(is_json(wanted.value().payload));
    }
}

void check_resume(const Position& position) {
    const auto options =
        mongo::stream_options(position, mongo::Detail::documents, 1000, std::chrono::seconds(1));
    bson::Reader reader(options);
    std::size_t starts = 0;
    for (bson::Field field; reader.next(field);)
        starts +=
            field.key == "resumeAfter" || field.key == "startAfter" || field.key == "startAtOperationTime";
    HOLDS(!reader.failed() && starts == (position.empty() ? 0 : 1));
}

}  // namespace

void run(Input input) {
    const auto detail = input.choice(2) == 0 ? mongo::Detail::documents : mongo::Detail::keys;
    const auto event = bson_of(input.rest());
    const Position before{"before", {1, 1}, true, false};
    mongo::EventDecoder decoder(namespaces);
    const auto decoded = decoder.decode(event, before, detail);
    if (!decoded) {
        HOLDS(!decoded.error().context.empty());
        return;
    }
    const auto& items = decoded.value().items;
    HOLDS(items.size() == 1 || items.size() == 2);
    if (items.size() == 2) HOLDS(items.front().position == before);
    const auto& position = items.back().position;
    HOLDS(position.of_event && !position.token.empty());
    HOLDS(position.invalidated == decoded.value().invalidated);
    check_resume(position);
    check_resume(mongo::position_of_token(position.token));

    Version last{};
    for (const auto& item : items) {
        if (const auto* change = std::get_if<ChangeEvent>(&item.what)) {
            check_change(*change, detail);
            last = change->version;
        } else if (const auto* gone = std::get_if<NamespaceGone>(&item.what)) {
            HOLDS(!gone->reason.empty());
            last = gone->version;
        }
    }
    if (!last.empty()) HOLDS(last.time == position.time && last.operation < Version::last);
}

}  // namespace halcyon::fuzz
