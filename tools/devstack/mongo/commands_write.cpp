// insert, update, delete, findAndModify.
#include <algorithm>
#include <optional>
#include <utility>

#include "devstack/mongo/cursor.hpp"
#include "devstack/mongo/keystring.hpp"
#include "devstack/mongo/pipeline.hpp"
#include "devstack/mongo/projection.hpp"
#include "devstack/mongo/scan.hpp"
#include "devstack/mongo/server.hpp"
#include "devstack/mongo/update.hpp"

namespace halcyon::devstack::mongo {
namespace {

// What a write command has done so far, and its reply.
class Writes {
  public:
    explicit Writes(Context& context) : context_(context) {
        const Value ordered = (*context.request)["ordered"];
        ordered_ = !ordered || ordered.truthy();
    }

    std::int32_t n = 0;
    std::optional<std::int32_t> modified;
    ArrayBuilder upserted;

    // Runs one write; false: stop here.
    template <class Write>
    bool attempt(std::int32_t index, Write&& write, const Value& id) {
        try {
            write();
            return true;
        } catch (const CommandError& error) {
            if (error.code() == 112 || (context_.request->in_transaction && error.code() == 263)) throw;
            Builder out;
            out.add("index", index).add("code", static_cast<std::int32_t>(error.code()));
            if (error.code() == 11000) {
                out.begin_document("keyPattern").add("_id", std::int32_t{1}).end();
                out.begin_document("keyValue").add("_id", id).end();
            }
            errors_.add(View(out.add("errmsg", error.what()).finish()));
            return !ordered_;
        }
    }

    void finish() {
        Builder& reply = context_.reply;
        Server& server = context_.server;
        reply.add("n", n);
        if (modified) reply.add("nModified", *modified);
        if (upserted.count() > 0) reply.array("upserted", View(upserted.finish()));
        context_.write_errors = errors_.count() > 0;
        if (context_.write_errors) reply.array("writeErrors", View(errors_.finish()));
        append_write_concern_error();
        if (server.standalone()) return;
        reply.begin_document("opTime").timestamp("ts", server.oplog().last()).add("t", server.term()).end();
        reply.object_id("electionId", server.election_id());
    }

  private:
    void append_write_concern_error() {
        const Value concern = (*context_.request)["writeConcern"];
        if (!concern.is_object()) return;
        const Value w = concern.as_document()["w"];
        if (!w.is_number() || w.as_int() <= 1) return;
        context_.reply.begin_document("writeConcernError").add("code", std::int32_t{100});
        context_.reply.add("codeName", "UnsatisfiableWriteConcern")
            .add("errmsg", "Not enough data-bearing nodes")
            .end();
    }

    Context& context_;
    bool ordered_ = true;
    ArrayBuilder errors_;
};

View object(const View& statement, std::string_view field, std::string_view command) {
    const Value value = statement[field];
    if (!value)
        throw CommandError(40414, "BSON field '" + std::string(command) + "." + std::string(field) +
                                      "' is missing but a required field");
    if (!value.is_object())
        throw CommandError(14, "BSON field '" + std::string(command) + "." + std::string(field) +
                                   "' is the wrong type '" + std::string(type_name(value.type)) +
                                   "', expected type 'object'");
    return value.as_document();
}

void refuse_options(View statement, std::initializer_list<std::string_view> known, std::string_view command) {
    for (const Element& element : statement) {
        if (std::find(known.begin(), known.end(), element.name) == known.end())
            throw CommandError(40415, "BSON field '" + std::string(command) + "." +
                                          std::string(element.name) + "' is an unknown field.");
        if ((element.name == "collation" || element.name == "arrayFilters") &&
            !element.value.as_document().empty())
            throw CommandError(115, "halcyon-devstack does not support " + std::string(element.name));
    }
}

void check_name(const Request& request) {
    if (request.db == "local" && !request.in_transaction && request.collection() == "oplog.rs")
        throw CommandError(73, "cannot write to local.oplog.rs");
    if (request.db.empty())
        throw CommandError(73, "Invalid namespace specified '." + request.collection() + "'");
}

void insert(Context& context) {
    const Request& request = *context.request;
    check_name(request);
    const std::vector<View> documents = request.items("documents");
    if (documents.empty())
        throw CommandError(16, "Write batch sizes must be between 1 and 100000. Got 0 operations.");
    Store& store = context.server.store();
    Writes writes(context);
    std::int32_t index = 0;
    for (const View document : documents) {
        const bool go_on = writes.attempt(
            index++,
            [&] {
                if (document.bytes().size() > max_document_bytes)
                    throw CommandError(10334, "object to insert too large. size in bytes: " +
                                                  std::to_string(document.bytes().size()) +
                                                  ", max size: 16777216");
                for (const Element& field : document) {
                    if (field.name.starts_with('$'))
                        throw CommandError(
                            2, "Document can't have $ prefixed field names: " + std::string(field.name));
                }
                std::string whole = with_id(document);
                store.insert(store.find_or_create(request.db, request.collection()), std::move(whole));
                ++writes.n;
            },
            document["_id"]);
        if (!go_on) break;
    }
    writes.finish();
}

// Keys first: what an update changes must not be met again.
std::vector<std::string> matching_keys(const CollectionPtr& collection, View query, bool multi) {
    ScanOptions options;
    options.filter = query;
    Scan scan(collection, options);
    std::vector<std::string> keys;
    while (scan.next() != nullptr) {
        keys.push_back(scan.key());
        if (!multi) break;
    }
    return keys;
}

void update_one_key(Store& store, const CollectionPtr& collection, const std::string& key,
                    const Update& update, Writes& writes) {
    const UpdateResult result = update.apply(View(*collection->by_id.find(key)->second.document));
    ++writes.n;
    if (!result.changed) return;
    ++*writes.modified;
    store.update(collection, key, result.document, result.replacement ? nullptr : &result.description);
}

void run_update(Context& context, View statement, std::int32_t index, Writes& writes) {
    const Request& request = *context.request;
    Store& store = context.server.store();
    refuse_options(statement, {"q", "u", "multi", "upsert", "collation", "arrayFilters", "hint"},
                   "update.updates");
    const View query = object(statement, "q", "update.updates");
    const Update update{statement["u"]};
    const bool multi = statement["multi"].truthy();
    if (multi && update.is_replacement())
        throw CommandError(9, "multi update is not supported for replacement-style update");
    CollectionPtr collection = store.find(request.db, request.collection());
    std::vector<std::string> keys;
    if (collection)
        keys = matching_keys(collection, query, multi);
    else
        const Matcher checked(query);
    for (const std::string& key : keys) update_one_key(store, collection, key, update, writes);
    if (!keys.empty() || !statement["upsert"].truthy()) return;
    std::string fresh = update.insert_for(query);
    if (!collection) collection = store.create(request.db, request.collection());
    const OwnedValue id{View(fresh)["_id"]};
    store.insert(collection, std::move(fresh));
    ++writes.n;
    writes.upserted.add(View(Builder().add("index", index).add("_id", id.view()).finish()));
}

void update(Context& context) {
    const Request& request = *context.request;
    check_name(request);
    Writes writes(context);
    writes.modified = 0;
    std::int32_t index = 0;
    for (const View statement : request.items("updates")) {
        const std::int32_t at = index++;
        if (!writes.attempt(
                at, [&] { run_update(context, statement, at, writes); },
                statement["q"].is_object() ? statement["q"].as_document()["_id"] : Value{}))
            break;
    }
    writes.finish();
}

void remove(Context& context) {
    const Request& request = *context.request;
    check_name(request);
    Store& store = context.server.store();
    Writes writes(context);
    std::int32_t index = 0;
    for (const View statement : request.items("deletes")) {
        const bool go_on = writes.attempt(
            index++,
            [&] {
                refuse_options(statement, {"q", "limit", "collation", "hint"}, "delete.deletes");
                const View query = object(statement, "q", "delete.deletes");
                const std::int64_t limit = statement["limit"].as_int();
                if (limit != 0 && limit != 1)
                    throw CommandError(
                        9, "The limit field in delete objects must be 0 or 1. Got " + std::to_string(limit));
                const Matcher checked(query);
                const CollectionPtr collection = store.find(request.db, request.collection());
                if (!collection) return;
                for (const std::string& key : matching_keys(collection, query, limit == 0)) {
                    store.remove(collection, key);
                    ++writes.n;
                }
            },
            Value{});
        if (!go_on) break;
    }
    writes.finish();
}

// The key of the document that a findAndModify works on.
std::optional<std::string> find_target(const CollectionPtr& collection, View query, View sort) {
    if (!collection) return std::nullopt;
    if (sort.empty()) {
        const auto keys = matching_keys(collection, query, false);
        return keys.empty() ? std::nullopt : std::optional(keys[0]);
    }
    ScanOptions options;
    options.filter = query;
    Scan scan(collection, options);
    std::vector<Doc> documents;
    while (const Doc* document = scan.next()) documents.push_back(*document);
    if (documents.empty()) return std::nullopt;
    sort_documents(documents, sort);
    return key_of(View(*documents[0])["_id"]);
}

void find_and_modify(Context& context) {
    const Request& request = *context.request;
    check_name(request);
    Store& store = context.server.store();
    const auto part = [&](std::string_view field) {
        return request[field].is_object() ? request[field].as_document() : View();
    };
    const View query = part("query");
    const bool removing = request["remove"].truthy();
    const bool fresh = request["new"].truthy();
    if (removing == static_cast<bool>(request["update"]))
        throw CommandError(9, removing ? "Cannot specify both an update and remove=true"
                                       : "Either an update or remove=true must be specified");
    std::optional<Projection> fields;
    if (!part("fields").empty()) fields.emplace(Projection::Kind::find, part("fields"));
    CollectionPtr collection = store.find(request.db, request.collection());
    const Matcher checked(query);
    const std::optional<std::string> key = find_target(collection, query, part("sort"));
    const Doc before = key ? collection->by_id.find(*key)->second.document : nullptr;
    Doc value = before;
    Builder last;
    if (removing) {
        last.add("n", static_cast<std::int32_t>(key ? 1 : 0));
        if (key) store.remove(collection, *key);
    } else {
        const Update update{request["update"]};
        last.add("n", static_cast<std::int32_t>(key || request["upsert"].truthy() ? 1 : 0));
        last.add("updatedExisting", key.has_value());
        if (key) {
            const UpdateResult result = update.apply(View(*before));
            if (result.changed)
                store.update(collection, *key, result.document,
                             result.replacement ? nullptr : &result.description);
            if (fresh) value = std::make_shared<std::string>(result.document);
        } else if (request["upsert"].truthy()) {
            const std::string inserted = update.insert_for(query);
            if (!collection) collection = store.create(request.db, request.collection());
            store.insert(collection, inserted);
            last.add("upserted", View(inserted)["_id"]);
            if (fresh) value = std::make_shared<std::string>(inserted);
        }
    }
    context.reply.add("lastErrorObject", View(last.finish()));
    if (!value)
        context.reply.null("value");
    else
        context.reply.add("value", View(fields ? fields->apply(View(*value)) : *value));
}

}  // namespace

void add_write_commands(Commands& commands) {
    constexpr unsigned traits = Command::writes | Command::transaction | Command::idl;
    commands["insert"] = {insert, {"documents", "ordered", "bypassDocumentValidation"}, traits};
    commands["update"] = {update, {"updates", "ordered", "bypassDocumentValidation"}, traits};
    commands["delete"] = {remove, {"deletes", "ordered"}, traits};
    const Command modify{
        find_and_modify,
        {"query", "sort", "remove", "update", "new", "fields", "upsert", "bypassDocumentValidation", "hint"},
        traits};
    commands["findAndModify"] = modify;
    commands["findandmodify"] = modify;
}

}  // namespace halcyon::devstack::mongo
