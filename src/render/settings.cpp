#include "render/settings.hpp"

#include <algorithm>

namespace halcyon::render {
namespace {

using settings::Doc;
using settings::Fields;
using settings::Section;
using settings::Shape;
using settings::Type;

Type<Namespace> ns() {
    return settings::parsed<Namespace>([](const std::string& word) { return Namespace::parse(word); },
                                       [](const Namespace& n) { return n.database.empty() ? "" : n.text(); });
}

Type<CollectionName> collection() {
    return settings::parsed<CollectionName>(
        [](const std::string& word) -> Result<CollectionName> { return CollectionName(word); },
        [](const CollectionName& name) { return name.value(); });
}

Fields<ChunkOptions> chunk() {
    using settings::integer;
    return Fields<ChunkOptions>()
        .add("by", &ChunkOptions::by,
             settings::choice<ChunkOptions::By>(
                 {{"words", ChunkOptions::By::words}, {"sentences", ChunkOptions::By::sentences}}),
             {.help = "sentences: whole ones, as many as fit into size words."})
        .add("size", &ChunkOptions::size, integer<std::uint32_t>({"1", "100000"}),
             {.help = "Words of a chunk."})
        .add("overlap", &ChunkOptions::overlap, integer<std::uint32_t>({"0", "99999"}),
             {.help = "Words that a chunk shares with the one before; less than size."})
        .add("text_as", &ChunkOptions::text_as, settings::text(),
             {.help = "Payload field that gets the chunk's own text; empty: none.", .example = "chunk_text"})
        .check([](const ChunkOptions& o, const Section& s) {
            if (o.overlap >= o.size)
                s.get("overlap").mistake(
                    fmt::format("overlap ({}) must be less than size ({})", o.overlap, o.size));
        });
}

/// A name, or { field, as, geo }.
Type<PayloadField> payload_field() {
    auto whole = settings::object(
        Fields<PayloadField>()
            .add("field", &PayloadField::field, settings::text(),
                 {.help = "Path in the document.", .example = "seller.city", .required = true})
            .add("as", &PayloadField::as, settings::text(),
                 {.help = "Name in the payload; empty: the same path."})
            .add("geo", &PayloadField::geo, settings::boolean(),
                 {.help = "A GeoJSON point becomes { lon, lat }, which Qdrant's geo index reads."}));
    auto name = settings::text();
    Type<PayloadField> word{
        name.shape, [name](const Section& s, PayloadField& out) { return name.read(s, out.field); },
        [name](const PayloadField& p) {
            if (p.as.empty() && !p.geo) return name.show(p.field);
            return fmt::format("{{ field: {}{}{} }}", name.show(p.field),
                               p.as.empty() ? "" : ", as: " + name.show(p.as), p.geo ? ", geo: true" : "");
        }};
    auto either = settings::either(std::move(word), std::move(whole));
    either.read = [read = either.read](const Section& s, PayloadField& out) {
        if (!read(s, out)) return false;
        if (!out.field.empty()) return true;
        s.mistake("names no field");
        return false;
    };
    return either;
}

/// `text` is a template or a list of fields.
void add_text(Fields<RouteOptions>& fields) {
    const auto text = settings::text();
    const auto names = settings::list_of(text, "[name, description]");
    const Shape shape{.kind = Shape::Kind::either, .alternatives = {text.shape, names.shape}};
    const Doc doc{
        .help =
            "What is embedded: a template with {{field}} or {{a.b}}, or a list of fields that are joined by "
            "a newline. A document whose text is empty has no point.",
        .example = R"("{{name}}\n{{description}}")",
        .required = true};
    fields.custom(
        {"text", shape, doc, {}},
        [text, names](const Section& parent, RouteOptions& o) {
            if (!parent.names("text")) return;
            const auto s = parent.get("text");
            const bool good = s.value().is_list() ? names.read(s, o.text_fields) : text.read(s, o.text);
            const bool hole = std::ranges::any_of(o.text_fields, &std::string::empty);
            if (good && (hole || (o.text.empty() && o.text_fields.empty())))
                s.mistake(R"(is empty, e.g. text: "{{name}}" or text: [name, description])");
        },
        [text, names](const RouteOptions& o, const settings::Value* parent, const std::string& path,
                      std::vector<settings::Shown>& out) {
            out.push_back({path, o.text_fields.empty() ? text.show(o.text) : names.show(o.text_fields),
                           parent && parent->find("text")});
        });
}

/// What Route refuses: its sentence begins with the field's name.
void compile(const RouteOptions& o, const Section& s) {
    const bool whole =
        !o.from.database.empty() && !o.to.value().empty() && (!o.text.empty() || !o.text_fields.empty());
    if (!whole) return;  // has its own mistakes
    const auto route = Route::compile(o, "any", 1, Distance::cosine);
    if (route) return;
    const std::string& why = route.error().context;
    const auto colon = why.find(": ");
    const auto name = why.substr(0, colon);
    if (colon == std::string::npos || !s.names(name)) return s.mistake(why);
    s.get(name).mistake(why.substr(colon + 2));
}

}  // namespace

Fields<RouteOptions> fields() {
    auto out =
        Fields<RouteOptions>()
            .add(
                "from", &RouteOptions::from, ns(),
                {.help = "Database and collection in MongoDB.", .example = "shop.products", .required = true})
            .add("to", &RouteOptions::to, collection(),
                 {.help = "Collection in Qdrant, by the name that searches use (an alias).",
                  .example = "products",
                  .required = true})
            .add("filter", &RouteOptions::filter, settings::json_map("{ status: active }"),
                 {.help = "Documents that belong here; one that leaves the filter is removed. $eq $ne $in "
                          "$nin $gt $gte $lt $lte $exists $and $or $not, and extended JSON for types.",
                  .example = "{ status: active }"});
    add_text(out);
    return out
        .add("chunk", &RouteOptions::chunk, settings::optional(settings::object(chunk())),
             {.help = "Long texts become several points. Without it: one point a document."})
        .add("payload", &RouteOptions::payload,
             settings::optional(
                 settings::list_of(payload_field(), "[name, { field: updatedAt, as: updated_at }]")),
             {.help = "Fields that are stored beside the vector: names, or { field, as, geo }. Without it: "
                      "the whole document; []: nothing.",
              .example = "[name, price, tags, { field: updatedAt, as: updated_at }]"})
        .add("on_drop", &RouteOptions::on_drop,
             settings::choice<RouteOptions::OnDrop>(
                 {{"remove", RouteOptions::OnDrop::remove}, {"keep", RouteOptions::OnDrop::keep}}),
             {.help = "What happens to the points when the MongoDB collection is dropped."})
        .check(compile);
}

}  // namespace halcyon::render
