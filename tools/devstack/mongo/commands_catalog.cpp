// Databases, collections and indexes: make, drop, rename, list, measure.
#include <algorithm>
#include <cmath>

#include "devstack/mongo/keystring.hpp"
#include "devstack/mongo/matcher.hpp"
#include "devstack/mongo/server.hpp"

namespace halcyon::devstack::mongo {
namespace {

// What an empty file takes on disk; there is no disk here, but somebody divides by it.
constexpr std::int32_t page = 4096;

void number(Builder& out, std::string_view name, std::size_t value) {
    if (value <= INT32_MAX)
        out.add(name, static_cast<std::int32_t>(value));
    else
        out.add(name, static_cast<std::int64_t>(value));
}

CollectionPtr existing(Context& context) {
    const Request& request = *context.request;
    const std::string name = request.collection();
    CollectionPtr collection = context.server.store().find(request.db, name);
    if (!collection) throw CommandError(26, "ns does not exist: " + request.db + "." + name);
    return collection;
}

void create(Context& context) {
    const Request& request = *context.request;
    const std::string name = request.collection();
    Store& store = context.server.store();
    if (store.find(request.db, name))
        throw CommandError(48, "a collection '" + request.db + "." + name + "' already exists");
    for (const char* refused : {"capped", "viewOn", "timeseries", "validator", "collation"}) {
        if (const Value value = request[refused];
            value.truthy() && !(value.is_object() && value.as_document().empty()))
            throw CommandError(115,
                               std::string("halcyon-devstack does not support create's option ") + refused);
    }
    store.create(request.db, name);
}

void drop(Context& context) {
    const Request& request = *context.request;
    const CollectionPtr collection = context.server.store().find(request.db, request.collection());
    if (!collection) throw CommandError(26, "ns not found");
    context.reply.add("nIndexesWas", static_cast<std::int32_t>(collection->indexes.size()));
    context.reply.add("ns", collection->ns->full());
    context.server.store().drop(collection);
}

void drop_database(Context& context) {
    const std::string& db = context.request->db;
    if (db == "local" || db == "admin" || db == "config")
        throw CommandError(20, "Dropping the '" + db + "' database is prohibited.");
    if (context.server.store().collections(db).empty()) return;
    context.server.store().drop_database(db);
    context.reply.add("dropped", db);
}

void rename(Context& context) {
    const Request& request = *context.request;
    Store& store = context.server.store();
    const auto split = [](const std::string& ns) {
        const std::size_t dot = ns.find('.');
        if (dot == std::string::npos) throw CommandError(73, "Invalid namespace: " + ns);
        return std::pair(ns.substr(0, dot), ns.substr(dot + 1));
    };
    if (request.db != "admin")
        throw CommandError(13, "renameCollection may only be run against the admin database.");
    const std::string from_text = request.collection();
    const auto from = split(from_text);
    if (!request["to"].is_string()) throw CommandError(14, "\"to\" had the wrong type. Expected string");
    const auto to = split(std::string(request["to"].as_string()));
    const CollectionPtr collection = store.find(from.first, from.second);
    if (!collection) throw CommandError(26, "source namespace does not exist");
    if (from.first != to.first)
        throw CommandError(115, "halcyon-devstack does not rename from one database to another");
    if (store.find(to.first, to.second) && !request["dropTarget"].truthy())
        throw CommandError(48, "target namespace exists");
    store.rename(collection, to.first, to.second);
}

void append_listing(Builder& reply, const std::string& ns, const std::vector<std::string>& items) {
    ArrayBuilder batch;
    for (const std::string& item : items) batch.add(View(item));
    reply.begin_document("cursor").add("id", std::int64_t{0}).add("ns", ns);
    reply.array("firstBatch", View(batch.finish())).end();
}

void list_collections(Context& context) {
    const Request& request = *context.request;
    const bool names = request["nameOnly"].truthy();
    const Matcher filter(request["filter"].is_object() ? request["filter"].as_document() : View());
    std::vector<std::string> items;
    for (const CollectionPtr& collection : context.server.store().collections(request.db)) {
        Builder item;
        item.add("name", collection->ns->name).add("type", "collection");
        if (!names) {
            item.add("options", View(collection->options)).begin_document("info").add("readOnly", false);
            item.binary("uuid", collection->ns->uuid, 4).end().add("idIndex", View(collection->indexes[0]));
        }
        std::string bytes = item.finish();
        if (filter.matches(View(bytes))) items.push_back(std::move(bytes));
    }
    append_listing(context.reply, request.db + ".$cmd.listCollections", items);
}

void list_indexes(Context& context) {
    const CollectionPtr collection = existing(context);
    append_listing(context.reply, collection->ns->full(), collection->indexes);
}

std::string index_name(View key) {
    std::string out;
    for (const Element& field : key) {
        out += (out.empty() ? "" : "_") + std::string(field.name) + "_";
        out += field.value.is_string() ? std::string(field.value.as_string())
                                       : std::to_string(field.value.as_int());
    }
    return out;
}

void create_indexes(Context& context) {
    const Request& request = *context.request;
    Store& store = context.server.store();
    const std::string name = request.collection();
    CollectionPtr collection = store.find(request.db, name);
    const bool created = !collection;
    std::vector<std::string> fresh;
    for (const View spec : request.items("indexes")) {
        if (!spec["key"].is_object())
            throw CommandError(9, "The 'key' field is a required property of an index specification");
        if (spec["unique"].truthy() || spec["expireAfterSeconds"])
            throw CommandError(67, "halcyon-devstack keeps no unique and no expiring indexes");
        const View key = spec["key"].as_document();
        Builder out;
        out.add("v", std::int32_t{2}).add("key", key);
        out.add("name", spec["name"].is_string() ? std::string(spec["name"].as_string()) : index_name(key));
        for (auto it = spec.begin(); it != View::Iterator(); ++it) {
            if (it->name != "v" && it->name != "key" && it->name != "name" && it->name != "ns")
                out.raw(it.raw());
        }
        fresh.push_back(out.add("ns", request.db + "." + name).finish());
    }
    if (created) collection = store.create(request.db, name);
    const auto before = static_cast<std::int32_t>(collection->indexes.size());
    for (std::string& spec : fresh) {
        const auto same = [&](const std::string& index) {
            return View(index)["key"].same(View(spec)["key"]);
        };
        if (!std::any_of(collection->indexes.begin(), collection->indexes.end(), same))
            store.add_index(collection, std::move(spec));
    }
    context.reply.add("createdCollectionAutomatically", created).add("numIndexesBefore", before);
    const auto after = static_cast<std::int32_t>(collection->indexes.size());
    context.reply.add("numIndexesAfter", after);
    if (after == before) context.reply.add("note", "all indexes already exist");
}

void drop_indexes(Context& context) {
    const CollectionPtr collection = existing(context);
    const Value index = (*context.request)["index"];
    context.reply.add("nIndexesWas", static_cast<std::int32_t>(collection->indexes.size()));
    const bool all = index.is_string() && index.as_string() == "*";
    const auto gone = [&](const std::string& spec) {
        if (&spec == collection->indexes.data()) return false;
        return all || (index.is_string() ? View(spec)["name"].as_string() == index.as_string()
                                         : View(spec)["key"].same(index));
    };
    const std::size_t before = collection->indexes.size();
    std::vector<std::string> kept;
    for (const std::string& spec : collection->indexes) {
        if (!gone(spec)) kept.push_back(spec);
    }
    if (kept.size() == before && !all)
        throw CommandError(27, "index not found with name [" + to_text(index) + "]");
    collection->indexes = std::move(kept);
}

void collection_stats(Context& context) {
    const Request& request = *context.request;
    const std::string name = request.collection();
    const std::int64_t scale = std::max<std::int64_t>(1, request["scale"].as_int());
    Builder& reply = context.reply;
    reply.add("ns", request.db + "." + name);
    if (request.db == "local" && name == "oplog.rs" && !context.server.standalone()) {
        const Oplog& oplog = context.server.oplog();
        number(reply, "size", oplog.bytes() / static_cast<std::size_t>(scale));
        number(reply, "count", oplog.end() - oplog.first());
        reply.add("capped", true);
        number(reply, "maxSize", oplog.limit() / static_cast<std::size_t>(scale));
        return;
    }
    const CollectionPtr collection = context.server.store().find(request.db, name);
    const std::size_t count = collection ? collection->by_id.size() : 0;
    const std::size_t size = collection ? collection->bytes : 0;
    number(reply, "size", size / static_cast<std::size_t>(scale));
    number(reply, "count", count);
    if (count > 0) number(reply, "avgObjSize", size / count);
    number(reply, "storageSize",
           collection ? std::max<std::size_t>(page, size) / static_cast<std::size_t>(scale) : 0);
    reply.add("capped", false);
    const std::size_t indexes = collection ? collection->indexes.size() : 0;
    if (collection) reply.begin_document("wiredTiger").end();
    number(reply, "nindexes", indexes);
    reply.begin_document("indexDetails").end().begin_array("indexBuilds").end();
    number(reply, "totalIndexSize", indexes * page);
    reply.begin_document("indexSizes");
    for (std::size_t i = 0; i < indexes; ++i)
        reply.add(View(collection->indexes[i])["name"].as_string(), page);
    reply.end().add("scaleFactor", static_cast<std::int32_t>(scale));
}

void database_stats(Context& context) {
    const Request& request = *context.request;
    std::size_t objects = 0;
    std::size_t bytes = 0;
    std::size_t indexes = 0;
    const auto collections = context.server.store().collections(request.db);
    for (const CollectionPtr& collection : collections) {
        objects += collection->by_id.size();
        bytes += collection->bytes;
        indexes += collection->indexes.size();
    }
    Builder& reply = context.reply;
    reply.add("db", request.db);
    number(reply, "collections", collections.size());
    reply.add("views", std::int32_t{0});
    number(reply, "objects", objects);
    reply.add("avgObjSize", objects == 0 ? 0.0 : static_cast<double>(bytes) / static_cast<double>(objects));
    reply.add("dataSize", static_cast<double>(bytes)).add("storageSize", static_cast<double>(bytes));
    reply.add("numExtents", std::int32_t{0});
    number(reply, "indexes", indexes);
    reply.add("indexSize", static_cast<double>(indexes) * page).add("scaleFactor", 1.0);
}

// Keys that cut a collection into chunks of at most half the size asked for, by the average size of a
// document.
void split_vector(Context& context) {
    const Request& request = *context.request;
    const std::string ns = request.collection();
    const CollectionPtr collection = context.server.store().find(request.db, ns.substr(ns.find('.') + 1));
    if (!collection) throw CommandError(26, "ns not found");
    if (!request["keyPattern"].is_object() || !request["keyPattern"].as_document()["_id"])
        throw CommandError(27, "couldn't find index over splitting key");
    std::int64_t most = request["maxChunkSizeBytes"].as_int();
    if (const Value megabytes = request["maxChunkSize"]) most = megabytes.as_int() * 1024 * 1024;
    if (most <= 0)
        throw CommandError(72,
                           "need to specify the desired max chunk size (maxChunkSize or maxChunkSizeBytes)");
    ArrayBuilder keys;
    const std::size_t count = collection->by_id.size();
    if (count > 0 && collection->bytes >= static_cast<std::size_t>(most)) {
        const auto per_chunk =
            static_cast<std::size_t>(most) / (2 * std::max<std::size_t>(1, collection->bytes / count));
        std::size_t seen = 0;
        for (const auto& [key, record] : collection->by_id) {
            if (++seen <= std::max<std::size_t>(1, per_chunk)) continue;
            keys.add(View(*key_document(View(*record.document))));
            seen = 0;
        }
    }
    context.reply.array("splitKeys", View(keys.finish()));
}

void list_databases(Context& context) {
    Server& server = context.server;
    std::map<std::string, std::size_t> sizes{{"admin", page}, {"config", page}, {"local", page}};
    for (const std::string& db : server.store().databases()) {
        for (const CollectionPtr& collection : server.store().collections(db))
            sizes[db] += collection->bytes + page;
    }
    const User* user = nullptr;
    for (const User& each : server.options().users) {
        if (each.name == context.request->client->user) user = &each;
    }
    const Value filter = (*context.request)["filter"];
    const Matcher matcher(filter.is_object() ? filter.as_document() : View());
    double total = 0;
    ArrayBuilder list;
    for (const auto& [name, size] : sizes) {
        if (user != nullptr && !allowed(*user, Access::read, name)) continue;
        Builder item;
        item.add("name", name);
        if (!(*context.request)["nameOnly"].truthy())
            item.add("sizeOnDisk", static_cast<double>(size)).add("empty", false);
        const std::string bytes = item.finish();
        if (!matcher.matches(View(bytes))) continue;
        list.add(View(bytes));
        total += static_cast<double>(size);
    }
    context.reply.array("databases", View(list.finish()));
    if (!(*context.request)["nameOnly"].truthy()) context.reply.add("totalSize", total);
}

}  // namespace

void add_catalog_commands(Commands& commands) {
    constexpr unsigned idl = Command::idl;
    commands["create"] = {create,
                          {"capped", "autoIndexId", "size", "max", "viewOn", "pipeline", "validator",
                           "collation", "timeseries", "idIndex"},
                          idl};
    commands["drop"] = {drop, {}, idl};
    commands["dropDatabase"] = {drop_database, {}, idl};
    commands["renameCollection"] = {rename, {"to", "dropTarget"}, idl};
    commands["listCollections"] = {
        list_collections, {"filter", "nameOnly", "authorizedCollections", "cursor"}, idl};
    commands["listIndexes"] = {list_indexes, {"cursor"}, idl};
    commands["createIndexes"] = {create_indexes, {"indexes", "commitQuorum"}, idl};
    commands["dropIndexes"] = {drop_indexes, {"index"}, idl};
    commands["collStats"] = {collection_stats, {"scale"}, idl};
    commands["dbStats"] = {database_stats, {"scale", "freeStorage"}, idl};
    commands["splitVector"] = {
        split_vector, {"keyPattern", "maxChunkSize", "maxChunkSizeBytes", "min", "max"}, idl};
    commands["listDatabases"] = {list_databases, {"filter", "nameOnly", "authorizedDatabases"}, idl};
}

}  // namespace halcyon::devstack::mongo
