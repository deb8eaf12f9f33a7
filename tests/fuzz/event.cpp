// An event of a change stream. Front: whether documents were asked for (1 byte, even: yes); then BSON, or the
// extended JSON of it. It is taken as a fragment too, and cut into fragments and put together again.
#include <algorithm>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "core/bson.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/values.hpp"
#include "mongo/bson.hpp"
#include "mongo/fragments.hpp"
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

/// The event with its fields spread over `of` fragments.
std::vector<std::string> fragments_of(std::string_view event, std::size_t of) {
    std::vector<std::string> out;
    const auto token = mongo::find_document(event, "_id");
    for (std::size_t i = 0; i < of; ++i) {
        std::string bytes;
        const auto opened = bson::open(bytes);
        bson::append(bytes, bson::Type::object, "_id", *token);
        const auto split = [&] {
            std::string s;
            const auto inner = bson::open(s);
            const auto number = [](std::size_t n) { return std::string{static_cast<char>(n), 0, 0, 0}; };
            bson::append(s, bson::Type::int32, "fragment", number(i + 1));
            bson::append(s, bson::Type::int32, "of", number(of));
            bson::close(s, inner);
            return s;
        }();
        bson::append(bytes, bson::Type::object, "splitEvent", split);
        bson::Reader reader(event);
        std::size_t at = 0;
        for (bson::Field field; reader.next(field);)
            if (field.key != "_id" && at++ % of == i)
                bson::append(bytes, field.value.type, field.key, field.value.bytes);
        bson::close(bytes, opened);
        out.push_back(std::move(bytes));
    }
    return out;
}

/// Without `_id`; a name that comes twice is there twice.
std::multimap<std::string, std::string> fields_of(std::string_view event) {
    std::multimap<std::string, std::string> out;
    bson::Reader reader(event);
    for (bson::Field field; reader.next(field);)
        if (field.key != "_id") out.emplace(field.key, field.value.bytes);
    return out;
}

/// Whatever says that it is a fragment is taken, or refused, and never mixed with others.
void check_fragments(std::string_view event) {
    using Said = mongo::Fragments::Said;
    if (!bson::well_formed(event)) return;
    const auto fields = fields_of(event);
    {
        mongo::Fragments alone;
        const auto said = alone.take(event);
        HOLDS((said == Said::whole) == !mongo::find_document(event, "splitEvent").has_value());
        HOLDS(alone.open() == (said == Said::more));
        if (said == Said::complete) HOLDS(bson::well_formed(alone.event()));
        // The same again never follows.
        if (said == Said::more) HOLDS(alone.take(event) == Said::broken && !alone.open());
    }
    if (!mongo::find_document(event, "_id") || fields.contains("splitEvent")) return;
    const bool twice = std::ranges::any_of(fields, [&](const auto& f) { return fields.count(f.first) > 1; });
    for (const std::size_t of : {1U, 2U, 5U}) {
        mongo::Fragments fragments;
        auto said = Said::more;
        for (const auto& part : fragments_of(event, of))
            if (said == Said::more) said = fragments.take(part);
        // A name that comes twice is refused, also by the fragment that has both.
        HOLDS(said == (twice ? Said::broken : Said::complete));
        if (said == Said::complete) HOLDS(fields_of(fragments.event()) == fields);
    }
}

}  // namespace

void run(Input input) {
    const auto detail = input.choice(2) == 0 ? mongo::Detail::documents : mongo::Detail::keys;
    const auto event = bson_of(input.rest());
    check_fragments(event);
    const Position before{"before", {1, 1}, true, false};
    mongo::EventDecoder decoder(namespaces);
    const auto decoded = decoder.decode(event, before, detail);
    // What is ours is passed over, at the same place; anything else is the same.
    mongo::EventDecoder own(namespaces, "name");
    const auto passed = own.decode(event, before, detail);
    HOLDS(passed.has_value() == decoded.has_value());
    if (passed && !std::holds_alternative<Heartbeat>(passed.value().items.front().what))
        HOLDS(passed.value().items.size() == decoded.value().items.size());
    if (passed) HOLDS(passed.value().items.back().position == decoded.value().items.back().position);
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
