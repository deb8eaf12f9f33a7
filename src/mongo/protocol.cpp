#include "mongo/protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/bson.hpp"
#include "mongo/bson.hpp"
#include "mongo/token.hpp"

namespace halcyon::mongo {
namespace {

// `$out` fills a collection of this name and renames it over its target.
constexpr std::string_view out_prefix = "tmp.agg_out.";

void add_list(Bson& parent, const char* field, const std::set<std::string>& values) {
    BsonArray list;
    for (const auto& v : values) list.text(v);
    Bson condition;
    append(condition, "$in", list);
    append(parent, field, condition);
}

std::optional<Namespace> find_namespace(std::string_view event, const char* name) {
    const auto bytes = find_document(event, name);
    const auto db = bytes ? find_text(*bytes, "db") : std::nullopt;
    if (!db) return {};
    return Namespace{std::string(*db), std::string(find_text(*bytes, "coll").value_or(""))};
}

WallTime happened(std::string_view event, ClusterTime time) {
    return {find_date(event, "wallTime").value_or(static_cast<std::int64_t>(time.seconds) * 1000)};
}

auto malformed(std::string_view what) {
    return fail(Verdict::fatal, Cause::internal,
                fmt::format("a change event that is not understood: {}", what));
}

}  // namespace

std::string Watch::doing() const {
    switch (level) {
        case Level::collection:
            return fmt::format("watch collection {}.{}", database, collection);
        case Level::database:
            return fmt::format("watch database {}", database);
        case Level::deployment:
            break;
    }
    return "watch the deployment (the routes cover several databases)";
}

std::string Watch::privilege() const {
    switch (level) {
        case Level::collection:
            return fmt::format(
                "the role `read` on database {0}, or the actions `find` and `changeStream` on {0}.{1}",
                database, collection);
        case Level::database:
            return fmt::format(
                "the role `read` on database {0}, or the actions `find` and `changeStream` on all of {0}",
                database);
        case Level::deployment:
            break;
    }
    return "the role `readAnyDatabase` on admin, or the actions `find` and `changeStream` on {db: \"\", "
           "collection: "
           "\"\"}";
}

Watch watch_for(const std::vector<Namespace>& namespaces) {
    const auto& first = namespaces.front();
    const auto all = [&](auto same) { return std::all_of(namespaces.begin(), namespaces.end(), same); };
    if (all([&](const Namespace& n) { return n == first; }))
        return {Watch::Level::collection, first.database, first.collection};
    if (all([&](const Namespace& n) { return n.database == first.database; }))
        return {Watch::Level::database, first.database, {}};
    return {Watch::Level::deployment, {}, {}};
}

std::string pipeline_for(const std::vector<Namespace>& namespaces, Detail detail, bool split,
                         bool described) {
    std::map<std::string, std::set<std::string>> by_database;
    std::set<std::string> databases;
    for (const auto& ns : namespaces) {
        by_database[ns.database].insert(ns.collection);
        databases.insert(ns.database);
    }
    BsonArray any;
    for (const auto& [database, collections] : by_database) {
        for (const char* side : {"ns", "to"}) {
            Bson one;
            append(one, fmt::format("{}.db", side).c_str(), database);
            add_list(one, fmt::format("{}.coll", side).c_str(), collections);
            any.document(one);
        }
    }
    Bson dropped;
    append(dropped, "operationType", "dropDatabase");
    add_list(dropped, "ns.db", databases);
    any.document(dropped);
    // Without it the stream would end unseen.
    Bson invalidated;
    append(invalidated, "operationType", "invalidate");
    any.document(invalidated);

    Bson condition;
    add_list(condition, "operationType",
             {"insert", "update", "replace", "delete", "drop", "rename", "dropDatabase", "invalidate"});
    append(condition, "$or", any);
    Bson match;
    append(match, "$match", condition);

    Bson fields;
    for (const char* unused : {"lsid", "txnNumber"}) append(fields, unused, 0);
    if (!described) append(fields, "updateDescription", 0);
    if (detail == Detail::keys) append(fields, "fullDocument", 0);
    Bson project;
    append(project, "$project", fields);

    BsonArray stages;
    stages.document(match);
    stages.document(project);
    if (split) {
        Bson splitting;
        append(splitting, "$changeStreamSplitLargeEvent", Bson());
        stages.document(splitting);
    }
    Bson out;
    append(out, "pipeline", stages);
    return out.bytes();
}

std::string stream_options(const Position& from, Detail detail, std::uint32_t batch_size,
                           std::chrono::milliseconds await) {
    Bson out;
    if (!from.token.empty()) {
        const auto head = decode_token_bson(from.token);
        const bool after_invalidate = from.invalidated || (head && head->invalidate);
        append(out, after_invalidate ? "startAfter" : "resumeAfter", Bson(from.token));
    } else if (!from.time.empty()) {
        append(out, "startAtOperationTime", from.time);
    }
    if (detail == Detail::documents) append(out, "fullDocument", "updateLookup");
    append(out, "batchSize", static_cast<std::int32_t>(batch_size));
    append(out, "maxAwaitTimeMS", static_cast<std::int32_t>(await.count()));
    return out.bytes();
}

EventDecoder::EventDecoder(std::vector<Namespace> namespaces, std::string own_field)
    : namespaces_(std::move(namespaces)), own_field_(std::move(own_field)) {
    std::sort(namespaces_.begin(), namespaces_.end());
}

bool EventDecoder::routed(const Namespace& ns) const {
    return std::binary_search(namespaces_.begin(), namespaces_.end(), ns);
}

bool EventDecoder::routed_database(const std::string& name) const {
    return std::any_of(namespaces_.begin(), namespaces_.end(),
                       [&](const auto& n) { return n.database == name; });
}

/// Every path that the update set or removed lies in our field.
bool EventDecoder::our_own(std::string_view event) const {
    const auto description = own_field_.empty() ? std::nullopt : find_document(event, "updateDescription");
    if (!description) return false;
    const auto ours = [&](std::string_view path) { return path.substr(0, path.find('.')) == own_field_; };
    std::size_t touched = 0;
    bson::Reader parts(*description);
    for (bson::Field part; parts.next(part);) {
        if (!part.value.is_container()) continue;
        bson::Reader paths(part.value.bytes);
        for (bson::Field f; paths.next(f); ++touched) {
            if (part.key == "updatedFields" ? !ours(f.key)
                                            : f.value.type != bson::Type::string || !ours(f.value.text()))
                return false;
        }
        if (paths.failed()) return false;
    }
    return touched > 0 && !parts.failed();
}

Version EventDecoder::version_of(ClusterTime time, std::string_view token) {
    counted_ = time == counted_time_ ? counted_ + 1 : 0;
    counted_time_ = time;
    const auto head = decode_token_bson(token);
    // `last` is kept for states that were read at a time.
    const auto operation = std::min(head ? head->operation : counted_, Version::last - 1);
    return {0, time, operation};
}

Result<Decoded> EventDecoder::decode(std::string_view event, const Position& before, Detail detail) {
    const auto token = find_document(event, "_id");
    const auto kind = find_text(event, "operationType");
    if (!token || !kind) return malformed("no resume token or operationType");
    // `invalidate` carries its time since 4.0; the token says it in any case.
    auto time = find_time(event, "clusterTime");
    if (!time) {
        const auto head = decode_token_bson(*token);
        if (!head) return malformed("no clusterTime");
        time = head->time;
    }

    Position position{std::string(*token), *time, true, *kind == "invalidate"};
    const auto version = version_of(*time, *token);
    const auto ns = find_namespace(event, "ns");
    Decoded out;
    const auto add = [&](auto what) { out.items.push_back({std::move(what), position, {}}); };

    if (*kind == "invalidate") {
        out.invalidated = true;
        add(Heartbeat{});
    } else if (*kind == "insert" || *kind == "update" || *kind == "replace" || *kind == "delete") {
        if (!ns) return malformed("no namespace");
        const auto key = find_document(event, "documentKey");
        if (!key) return malformed("no documentKey");
        HALCYON_TRY(auto id, DocId::of(*key));
        const auto document = find_document(event, "fullDocument");
        // A look-up that found nothing: the document is gone by now. Its delete follows, but a write of this
        // event by an earlier life of ours may have no receipt, which only this event's replay finds.
        const bool removal = *kind == "delete" || (!document && detail == Detail::documents);
        if (!routed(*ns) || (*kind == "update" && our_own(event))) {
            add(Heartbeat{});
        } else {
            ChangeEvent change{
                {*ns, std::move(id)}, ChangeEvent::Kind::upsert, {}, version, happened(event, *time), false};
            if (removal)
                change.kind = ChangeEvent::Kind::remove;
            else if (document)
                change.document = Document::trusted(std::string(*document));
            else
                change.needs_read = true;
            add(std::move(change));
        }
    } else if (*kind == "drop" || *kind == "dropDatabase") {
        if (!ns) return malformed("no namespace");
        const bool whole = *kind == "dropDatabase";
        if (whole ? routed_database(ns->database) : routed(*ns))
            add(NamespaceGone{*ns, version, false, std::string(*kind)});
        else
            add(Heartbeat{});
    } else if (*kind == "rename") {
        const auto to = find_namespace(event, "to");
        if (!ns || !to) return malformed("a rename without its names");
        if (routed(*ns)) add(NamespaceGone{*ns, version, false, "rename"});
        if (routed(*to))
            add(NamespaceGone{*to, version, true,
                              ns->collection.starts_with(out_prefix) ? "$out" : "rename"});
        if (out.items.empty()) add(Heartbeat{});
        // Only the last of several may move the position past the event.
        if (out.items.size() > 1) out.items.front().position = before;
    } else {
        add(Heartbeat{});
    }
    return out;
}

Position position_of_token(std::string_view token) {
    const auto head = decode_token_bson(token);
    return {std::string(token), head ? head->time : ClusterTime{}, false, head && head->invalidate};
}

}  // namespace halcyon::mongo
