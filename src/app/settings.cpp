#include "app/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "app/earlier_names.hpp"
#include "app/settings_table.hpp"
#include "app/shown_settings.hpp"
#include "base/bytes.hpp"
#include "mongo/status_protocol.hpp"
#include "render/text_template.hpp"
#include "settings/files.hpp"
#include "settings/similar.hpp"
#include "settings/yaml.hpp"

namespace halcyon::app {
namespace {

using settings::Section;

/// Qdrant 1.17 to 1.19 refuse these characters in the name of a collection, and names over 255 bytes.
bool is_collection_name(std::string_view name) {
    return !name.empty() && name.size() <= 240 &&  // the physical name adds a number
           name.find_first_of("<>:\"/\\|?*") == std::string_view::npos && name != "." && name != ".." &&
           std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void check_collection_name(const Section& s, std::string_view name) {
    if (!is_collection_name(name))
        s.mistake(
            fmt::format("\"{}\" can't name a collection: 1 to 240 bytes without < > : \" / \\ | ? *", name));
}

void check_route(const Section& s, const render::RouteOptions& route) {
    constexpr std::array internal{"admin", "config", "local"};
    if (std::ranges::find(internal, route.from.database) != internal.end())
        s.get("from").mistake(
            fmt::format("{} is MongoDB's own database and has no change stream", route.from.database));
    if (route.from.collection.starts_with("system."))
        s.get("from").mistake(fmt::format("{} is one of MongoDB's own collections", route.from.collection));
    if (s.has("to")) check_collection_name(s.get("to"), route.to.value());
}

void check_routes(const Section& root, const std::vector<render::RouteOptions>& routes) {
    const auto s = root.get("routes");
    if (s.value().is_list() && s.value().items.empty())
        s.mistake(
            "is empty; nothing would be kept in step, e.g. routes: [{ from: shop.products, to: products, "
            "text: [name] }]");
    std::map<std::pair<Namespace, CollectionName>, std::size_t> seen;
    for (std::size_t i = 0; i < routes.size(); ++i) {
        check_route(s.item(i), routes[i]);
        if (routes[i].from.database.empty() || routes[i].to.value().empty()) continue;
        const auto [first, added] = seen.try_emplace({routes[i].from, routes[i].to}, i);
        if (!added)
            s.item(i).mistake(
                fmt::format("{} to {} is routed twice, see routes[{}]; one route may hold both filters "
                            "with $or",
                            routes[i].from.text(), routes[i].to.value(), first->second));
    }
}

std::vector<std::string> names(const std::map<std::string, embed::EmbedderOptions>& embedders) {
    std::vector<std::string> out;
    for (const auto& [name, options] : embedders) out.push_back(name);
    return out;
}

/// The collection's embedder must be there. `named` is where it was (or was not) named.
void check_embedder(const Section& named, const std::string& embedder,
                    const std::map<std::string, embed::EmbedderOptions>& embedders) {
    if (embedders.empty() || embedders.contains(embedder)) return;
    const auto known = names(embedders);
    const auto meant = settings::similar(embedder, known);
    named.mistake(fmt::format("\"{}\" is no embedder ({}){}", embedder, fmt::join(known, ", "),
                              meant ? fmt::format("; did you mean {}?", *meant) : ""));
}

/// One entry for every collection that a route names, and for none else.
void compose_collections(const Section& root, WrittenSettings& w, std::vector<std::string>& notes) {
    auto& pipeline = w.app.pipeline;
    const auto section = root.get("collections");
    std::set<std::string> routed;
    for (std::size_t i = 0; i < pipeline.routes.size(); ++i) {
        const auto& name = pipeline.routes[i].to.value();
        if (name.empty() || !routed.insert(name).second) continue;
        const auto written = w.collections.find(name);
        auto collection = written == w.collections.end() ? pipeline::CollectionOptions{} : written->second;
        collection.spec.name = CollectionName(name);
        const bool named = !collection.embedder.empty();
        if (!named) collection.embedder = "default";
        check_embedder(named ? section.get(name).get("embedder") : root.get("routes").item(i).get("to"),
                       collection.embedder, w.app.embedders);
        pipeline.collections.push_back(std::move(collection));
    }
    for (const auto& [name, collection] : w.collections) {
        check_collection_name(section.get(name), name);
        if (routed.contains(name) || pipeline.routes.empty()) continue;
        if (!collection.embedder.empty())
            check_embedder(section.get(name).get("embedder"), collection.embedder, w.app.embedders);
        notes.push_back(fmt::format("collections.{} is in no route", name));
    }
}

/// Names that are steps of a path in every document, and fields that would change with each status.
void check_writeback(const Section& root, const AppSettings& app) {
    if (!app.mongodb.status_writeback) return;
    const auto s = root.get("mongodb").get("status_writeback");
    const auto& field = app.mongodb.status_field;
    if (const auto why = mongo::path_mistake(field); !why.empty())
        s.get("field").mistake(fmt::format("\"{}\" {}; e.g. field: syncMetadata", field, why));
    const auto is_field = [&](std::string_view path) { return path.substr(0, path.find('.')) == field; };
    const auto& routes = app.pipeline.routes;
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const auto& r = routes[i];
        const auto section = root.get("routes").item(i);
        if (const auto why = mongo::path_mistake(r.to.value()); !why.empty() && !r.to.value().empty())
            section.get("to").mistake(
                fmt::format("\"{}\" {}, so no status can be written under it: another name, or "
                            "mongodb.status_writeback.mode: off",
                            r.to.value(), why));
        const auto used = [&](const char* where) {
            section.get(where).mistake(fmt::format(
                "uses {}, which changes with every status that is written (mongodb.status_writeback): "
                "each status would be followed by another one, for ever",
                field));
        };
        const auto text = render::TextTemplate::parse(r.text);
        if (std::ranges::any_of(r.text_fields, is_field) || (text && text.value().reads(field))) used("text");
        if (r.filter.find("\"" + field + "\"") != std::string::npos ||
            r.filter.find("\"" + field + ".") != std::string::npos)
            used("filter");
        if (r.payload && std::ranges::any_of(*r.payload, [&](const auto& p) { return is_field(p.field); }))
            used("payload");
    }
}

/// What the store holds for itself leaves room for the documents under way.
void check_memory(const Section& root, const AppSettings& app) {
    const auto store = app.state.cache + app.state.write_buffer;
    if (store <= app.memory / 2) return;
    const auto s = root.names("memory") ? root.get("memory") : root.get("state");
    s.mistake(fmt::format("state.cache and state.write_buffer ({}) take more than half of memory ({})",
                          format_bytes(store), format_bytes(app.memory)));
}

/// What one section says and another needs.
void compose(WrittenSettings& w) {
    auto& app = w.app;
    app.mongodb.source = app.qdrant.source = app.pipeline.source = SourceName(w.source);
    app.pipeline.snapshot = w.snapshot;
    if (app.mongodb.status_writeback)
        for (auto& r : app.pipeline.routes) r.ignored = app.mongodb.status_field;
    const auto ms = [](Duration d) { return std::chrono::ceil<std::chrono::milliseconds>(d); };
    app.pipeline.write_timeout = ms(app.qdrant.timeout);
    app.pipeline.read_timeout = ms(app.qdrant.timeout);
    app.pipeline.write_bytes = std::min(app.pipeline.write_bytes, app.qdrant.request_bytes);
    app.pipeline.doubt_window = 2 * app.pipeline.write_timeout;
    if (app.embedders.empty()) return;
    Duration timeout{}, wait{};
    for (const auto& [name, embedder] : app.embedders) {
        timeout = std::max(timeout, embedder.timeout);
        wait = std::max(wait, embedder.batch.wait);
    }
    app.pipeline.embed_timeout = ms(timeout);
    app.pipeline.embed_wait = ms(wait);
}

LoadedSettings read_root(settings::Report report, std::optional<settings::Value> root,
                         const settings::Environment& environment) {
    LoadedSettings out;
    out.file = report.file;
    if (root) {
        out.notes = fill_from_earlier_names(*root, environment);
        WrittenSettings written;
        const Section section(*root, "", report);
        table().read(section, written);
        const auto& embedders = section.get("embedders").value();
        if (section.names("embedders") && (embedders.is_null() || embedders.is_map()) &&
            embedders.entries.empty())
            section.get("embedders").mistake("is empty, e.g. embedders: { default: { type: lexical } }");
        if (written.source.empty()) section.get("source").mistake("is empty, e.g. source: mongodb");
        check_routes(section, written.app.pipeline.routes);
        compose_collections(section, written, out.notes);
        check_memory(section, written.app);
        check_writeback(section, written.app);
        auto shown = shown_settings(written, *root, report.secrets);
        compose(written);
        out.settings = std::move(written.app);
        out.settings.file = report.file;
        out.settings.shown = std::move(shown);
    }
    out.mistakes = std::move(report.mistakes);
    settings::sort(out.mistakes);
    out.secrets = std::move(report.secrets);
    return out;
}

}  // namespace

LoadedSettings read_settings(const std::string& file, std::string_view text,
                             const settings::Environment& environment) {
    settings::Report report{.file = file};
    auto root = settings::read_yaml(text, environment, report);
    return read_root(std::move(report), std::move(root), environment);
}

LoadedSettings read_settings(const std::string& file, settings::Value root,
                             const settings::Environment& environment) {
    return read_root({.file = file}, std::move(root), environment);
}

LoadedSettings load_settings(const std::optional<std::string>& given,
                             const settings::Environment& environment) {
    const auto refuse = [](std::string file, const Error& e) {
        LoadedSettings out;
        out.mistakes.push_back({file, {}, {}, e.context});
        out.file = std::move(file);
        return out;
    };
    const auto file = settings::find_file(given, environment);
    if (!file) return refuse("settings", file.error());
    const auto text = settings::read_file(file.value(), settings::max_file_bytes);
    if (!text) return refuse(file.value(), text.error());
    return read_settings(file.value(), text.value(), environment);
}

}  // namespace halcyon::app
