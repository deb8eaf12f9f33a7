// find, getMore, killCursors, aggregate, count, distinct.
#include <algorithm>
#include <optional>
#include <utility>

#include "devstack/mongo/find_cursor.hpp"
#include "devstack/mongo/keystring.hpp"
#include "devstack/mongo/server.hpp"

namespace halcyon::devstack::mongo {
namespace {

constexpr std::size_t first_batch = 101;
constexpr std::size_t unlimited = SIZE_MAX;

std::size_t batch_size(const Value& value, std::size_t otherwise) {
    if (!value) return otherwise;
    if (!value.is_number()) throw CommandError(9, "Failed to parse: batchSize: BSON field should be numeric");
    if (value.as_int() < 0)
        throw CommandError(
            2, "BatchSize value must be non-negative, but received: " + std::to_string(value.as_int()));
    return static_cast<std::size_t>(value.as_int());
}

void own(Cursor& cursor, const Request& request, std::string collection) {
    cursor.db = request.db;
    cursor.collection = std::move(collection);
    cursor.session = request.lsid;
    if (request.in_transaction) cursor.txn_number = request.txn_number;
}

void answer_first(Context& context, std::unique_ptr<Cursor> cursor, std::size_t limit, bool single) {
    Server& server = context.server;
    Cursor& kept = *cursor;
    server.keep(std::move(cursor));
    const std::int64_t id = kept.id;
    try {
        if (single) kept.id = 0;
        server.append_batch(context.reply, kept, "firstBatch", limit);
    } catch (const CommandError&) {
        server.kill(id);
        throw;
    }
    if (single || kept.exhausted()) server.kill(id);
}

void find(Context& context) {
    const Request& request = *context.request;
    const std::string name = request.collection();
    auto cursor = make_find_cursor(context.server, request, name);
    own(*cursor, request, name);
    answer_first(context, std::move(cursor), batch_size(request["batchSize"], first_batch),
                 request["singleBatch"].truthy());
}

// As the server writes it: the uuid, and the hash of no user.
std::string session_text(const std::string& lsid) {
    const std::string element = Builder().binary("u", lsid, 4).finish();
    const std::string text = to_text(View(element)["u"]);
    return text.substr(6, 36) + " - 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
}

void get_more(Context& context) {
    const Request& request = *context.request;
    Server& server = context.server;
    const std::int64_t id = request.first().as_int();
    const std::string shown = std::to_string(id);
    Cursor* cursor = server.cursor(id);
    if (cursor == nullptr) throw CommandError(43, "cursor id " + shown + " not found");
    if (!request["collection"].is_string())
        throw CommandError(9, "Field 'collection' must be of type string in: " + to_text(request.body));
    const std::string_view collection = request["collection"].as_string();
    if (cursor->collection != collection || cursor->db != request.db)
        throw CommandError(13, "Requested getMore on namespace '" + request.db + "." +
                                   std::string(collection) +
                                   "', but cursor belongs to a different namespace " + cursor->db + "." +
                                   cursor->collection);
    if (cursor->session != request.lsid) {
        if (request.lsid.empty())
            throw CommandError(50736, "Cannot run getMore on cursor " + shown +
                                          ", which was created in session " + session_text(cursor->session) +
                                          ", without an lsid");
        if (cursor->session.empty())
            throw CommandError(50737, "Cannot run getMore on cursor " + shown +
                                          ", which was not created in a session, in session " +
                                          session_text(request.lsid));
        throw CommandError(50738, "Cannot run getMore on cursor " + shown +
                                      ", which was created in session " + session_text(cursor->session) +
                                      ", in session " + session_text(request.lsid));
    }
    const std::size_t limit = [&] {
        const std::size_t size = batch_size(request["batchSize"], unlimited);
        return size == 0 ? unlimited : size;
    }();
    if (cursor->awaits()) {
        const Value wait = request["maxTimeMS"];
        constexpr std::int64_t day = 24 * 60 * 60 * 1000;
        const auto ms = wait ? std::clamp<std::int64_t>(wait.as_int(), 0, day) : 1000;
        return server.await(context, id, limit, std::chrono::milliseconds(ms));
    }
    try {
        server.append_batch(context.reply, *cursor, "nextBatch", limit);
    } catch (const CommandError&) {
        server.kill(id);
        throw;
    }
    if (cursor->exhausted()) server.kill(id);
}

void kill_cursors(Context& context) {
    const Request& request = *context.request;
    if (!request["cursors"].is_array())
        throw CommandError(9, "Field 'cursors' must be of type array in: " + to_text(request.body));
    ArrayBuilder killed;
    ArrayBuilder missing;
    for (const Element& item : request["cursors"].as_document())
        context.server.kill(item.value.as_int()) ? killed.add(item.value) : missing.add(item.value);
    context.reply.array("cursorsKilled", View(killed.finish()))
        .array("cursorsNotFound", View(missing.finish()));
    context.reply.begin_array("cursorsAlive").end().begin_array("cursorsUnknown").end();
}

void aggregate(Context& context) {
    const Request& request = *context.request;
    Server& server = context.server;
    if (!request["pipeline"].is_array())
        throw CommandError(14, "'pipeline' option must be specified as an array");
    const View pipeline = request["pipeline"].as_document();
    if (request["explain"] || request["collation"])
        throw CommandError(115, "halcyon-devstack does not support explain and collation of aggregate");
    if (!request["cursor"].is_object())
        throw CommandError(9,
                           "The 'cursor' option is required, except for aggregate with the explain argument");
    const std::size_t limit = batch_size(request["cursor"].as_document()["batchSize"], first_batch);
    const bool database = request.first().is_number();
    const std::string name = database ? std::string() : request.collection();
    const bool stream = !pipeline.empty() && stage_of(pipeline.begin()->value).name == "$changeStream";
    if (stream) {
        if (server.standalone())
            throw CommandError(40573, "The $changeStream stage is only supported on replica sets");
        if (request.in_transaction) throw CommandError(263, "$changeStream cannot be used in a transaction");
        auto cursor = std::make_unique<ChangeStream>(server.store(), server.oplog(), server.stream_traits(),
                                                     request.db, name, pipeline);
        own(*cursor, request, database ? "$cmd.aggregate" : name);
        return answer_first(context, std::move(cursor), limit, false);
    }
    if (database && !pipeline.empty()) {
        const std::string stage(stage_of(pipeline.begin()->value).name);
        if (!known_stage(stage))
            throw CommandError(40324, "Unrecognized pipeline stage name: '" + stage + "'");
        throw CommandError(73, "{aggregate: 1} is not valid for '" + stage + "'; a collection is required.");
    }
    PipelineResult result = run_pipeline(server.store(), request.db, name, pipeline, server.host());
    auto cursor = make_list_cursor(std::move(result.documents));
    own(*cursor, request, name);
    answer_first(context, std::move(cursor), limit, false);
}

View filter_of(const Value& value) {
    if (!value || value.type == Type::null) return View();
    if (!value.is_object()) throw CommandError(14, "the query must be an object");
    return value.as_document();
}

void count(Context& context) {
    const Request& request = *context.request;
    const CollectionPtr collection = context.server.store().find(request.db, request.collection());
    std::int64_t found = 0;
    if (collection) {
        ScanOptions options;
        options.filter = filter_of(request["query"]);
        if (options.filter.empty()) {
            found = static_cast<std::int64_t>(collection->by_id.size());
        } else {
            Scan scan(collection, options);
            while (scan.next() != nullptr) ++found;
        }
    }
    found = std::max<std::int64_t>(0, found - request["skip"].as_int());
    const std::int64_t limit = std::abs(request["limit"].as_int());
    if (limit > 0) found = std::min(found, limit);
    context.reply.add("n", static_cast<std::int32_t>(found));
}

void distinct(Context& context) {
    const Request& request = *context.request;
    if (!request["key"].is_string()) throw CommandError(14, "\"key\" had the wrong type. Expected string");
    const CollectionPtr collection = context.server.store().find(request.db, request.collection());
    std::map<std::string, OwnedValue> values;
    if (collection) {
        ScanOptions options;
        options.filter = filter_of(request["query"]);
        Scan scan(collection, options);
        while (const Doc* document = scan.next()) {
            any_at_path(View(**document), request["key"].as_string(), [&](const Value& value) {
                if (value && !value.is_array()) values.try_emplace(key_of(value), value);
                return false;
            });
        }
    }
    ArrayBuilder out;
    for (const auto& [key, value] : values) out.add(value.view());
    context.reply.array("values", View(out.finish()));
}

}  // namespace

void add_read_commands(Commands& commands) {
    constexpr unsigned inside = Command::transaction;
    commands["find"] = {find,
                        {"filter", "sort", "projection", "hint", "skip", "limit", "batchSize", "singleBatch",
                         "max", "min", "returnKey", "showRecordId", "tailable", "oplogReplay",
                         "noCursorTimeout", "awaitData", "allowPartialResults", "collation", "allowDiskUse"},
                        inside};
    commands["getMore"] = {get_more, {"collection", "batchSize"}, inside};
    commands["killCursors"] = {kill_cursors, {"cursors"}, inside};
    commands["aggregate"] = {
        aggregate,
        {"pipeline", "cursor", "explain", "allowDiskUse", "bypassDocumentValidation", "collation", "hint"},
        inside};
    commands["count"] = {count, {"query", "limit", "skip", "hint"}, Command::idl};
    commands["distinct"] = {distinct, {"key", "query"}, inside | Command::idl};
}

}  // namespace halcyon::devstack::mongo
