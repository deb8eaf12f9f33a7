#include "devstack/mongo/store.hpp"

#include <random>
#include <utility>

#include "devstack/mongo/errors.hpp"
#include "devstack/mongo/keystring.hpp"

namespace halcyon::devstack::mongo {
namespace {

std::string id_index(const Namespace& ns) {
    Builder out;
    out.add("v", std::int32_t{2}).begin_document("key").add("_id", std::int32_t{1}).end().add("name", "_id_");
    return out.add("ns", ns.full()).finish();
}

std::shared_ptr<const Namespace> make_namespace(std::string_view db, std::string_view name,
                                                std::string uuid) {
    return std::make_shared<Namespace>(Namespace{std::string(db), std::string(name), std::move(uuid)});
}

CommandError write_conflict() { return {112, "WriteConflict", {"TransientTransactionError"}}; }

}  // namespace

std::string new_uuid() {
    static std::mt19937_64 random{std::random_device{}()};
    std::string out;
    for (int i = 0; i < 2; ++i) {
        const std::uint64_t part = random();
        out.append(reinterpret_cast<const char*>(&part), 8);
    }
    out[6] = static_cast<char>((out[6] & 0x0F) | 0x40);
    out[8] = static_cast<char>((out[8] & 0x3F) | 0x80);
    return out;
}

Doc key_document(View document) {
    return std::make_shared<std::string>(Builder().add("_id", document["_id"]).finish());
}

CollectionPtr Store::find(std::string_view db, std::string_view name) const {
    const auto database = databases_.find(db);
    if (database == databases_.end()) return nullptr;
    const auto it = database->second.find(name);
    return it == database->second.end() ? nullptr : it->second;
}

CollectionPtr Store::find_uuid(std::string_view db, std::string_view uuid) const {
    const auto database = databases_.find(db);
    if (database == databases_.end()) return nullptr;
    for (const auto& [name, collection] : database->second) {
        if (collection->ns->uuid == uuid) return collection;
    }
    return nullptr;
}

CollectionPtr Store::create(std::string_view db, std::string_view name, std::string options) {
    if (pending_ != nullptr)
        throw CommandError(263, "Cannot create namespace " + std::string(db) + "." + std::string(name) +
                                    " in multi-document transaction.");
    if (name.empty() || name.find('$') != std::string_view::npos || name.find('\0') != std::string_view::npos)
        throw CommandError(73, "Invalid collection name: " + std::string(name));
    auto collection = std::make_shared<Collection>();
    collection->ns = make_namespace(db, name, new_uuid());
    collection->indexes.push_back(id_index(*collection->ns));
    collection->options = options.empty() ? Builder().finish() : std::move(options);
    databases_[std::string(db)][std::string(name)] = collection;
    Entry entry;
    entry.op = Op::create;
    entry.ns = collection->ns;
    oplog_.append(std::move(entry));
    return collection;
}

CollectionPtr Store::find_or_create(std::string_view db, std::string_view name) {
    CollectionPtr found = find(db, name);
    return found ? found : create(db, name);
}

void Store::drop(const CollectionPtr& collection) {
    Entry entry;
    entry.op = Op::drop;
    entry.ns = collection->ns;
    collection->dropped = true;
    const auto database = databases_.find(collection->ns->db);
    database->second.erase(collection->ns->name);
    if (database->second.empty()) databases_.erase(database);
    oplog_.append(std::move(entry));
}

void Store::drop_database(const std::string& db) {
    for (const CollectionPtr& collection : collections(db)) drop(collection);
    Entry entry;
    entry.op = Op::drop_database;
    entry.ns = make_namespace(db, "", "");
    oplog_.append(std::move(entry));
}

void Store::rename(const CollectionPtr& collection, const std::string& db, const std::string& name) {
    Entry entry;
    entry.op = Op::rename;
    entry.ns = collection->ns;
    entry.to = name;
    const auto database = databases_.find(collection->ns->db);
    database->second.erase(collection->ns->name);
    if (database->second.empty()) databases_.erase(database);
    collection->ns = make_namespace(db, name, collection->ns->uuid);
    CollectionPtr& place = databases_[db][name];
    if (place) place->dropped = true;
    place = collection;
    oplog_.append(std::move(entry));
}

void Store::add_index(const CollectionPtr& collection, std::string spec) {
    collection->indexes.push_back(std::move(spec));
    Entry entry;
    entry.op = Op::index;
    entry.ns = collection->ns;
    oplog_.append(std::move(entry));
}

std::vector<std::string> Store::databases() const {
    std::vector<std::string> out;
    for (const auto& [name, collections] : databases_) out.push_back(name);
    return out;
}

std::vector<CollectionPtr> Store::collections(std::string_view db) const {
    std::vector<CollectionPtr> out;
    const auto database = databases_.find(db);
    if (database == databases_.end()) return out;
    for (const auto& [name, collection] : database->second) out.push_back(collection);
    return out;
}

void Store::put(Collection& collection, const std::string& key, Doc document, std::uint64_t record) {
    const auto [it, fresh] = collection.by_id.try_emplace(key);
    if (fresh) {
        it->second.id = record;
        collection.by_record.emplace_hint(collection.by_record.end(), record, it);
    } else {
        collection.bytes -= it->second.document->size();
    }
    collection.bytes += document->size();
    it->second.document = std::move(document);
}

void Store::erase(Collection& collection, const std::string& key) {
    const auto it = collection.by_id.find(key);
    collection.bytes -= it->second.document->size();
    collection.by_record.erase(it->second.id);
    collection.by_id.erase(it);
}

void Store::log(const CollectionPtr& collection, const std::string& key, std::uint64_t record, Doc before,
                Doc after, Entry entry) {
    entry.ns = collection->ns;
    if (pending_ == nullptr) return oplog_.append(std::move(entry));
    pending_->push_back({collection, key, record, std::move(before), std::move(after), std::move(entry)});
}

void Store::insert(const CollectionPtr& collection, std::string document) {
    const Value id = View(document)["_id"];
    std::string key = key_of(id);
    if (collection->by_id.contains(key)) {
        throw CommandError(11000, "E11000 duplicate key error collection: " + collection->ns->full() +
                                      " index: _id_ dup key: { _id: " + to_text(id) + " }");
    }
    const std::uint64_t record = collection->next_record++;
    Entry entry;
    entry.op = Op::insert;
    entry.document = std::make_shared<std::string>(std::move(document));
    put(*collection, key, entry.document, record);
    Doc after = entry.document;
    log(collection, key, record, nullptr, std::move(after), std::move(entry));
}

void Store::update(const CollectionPtr& collection, const std::string& key, std::string document,
                   const std::string* description) {
    const auto it = collection->by_id.find(key);
    Doc before = it->second.document;
    Doc after = std::make_shared<std::string>(std::move(document));
    Entry entry;
    entry.op = description == nullptr ? Op::replace : Op::update;
    entry.key = key_document(View(*before));
    entry.document = description == nullptr ? after : std::make_shared<std::string>(*description);
    put(*collection, key, after, it->second.id);
    log(collection, key, it->second.id, std::move(before), std::move(after), std::move(entry));
}

void Store::remove(const CollectionPtr& collection, const std::string& key) {
    const auto it = collection->by_id.find(key);
    const std::uint64_t record = it->second.id;
    Doc before = it->second.document;
    Entry entry;
    entry.op = Op::remove;
    entry.key = key_document(View(*before));
    erase(*collection, key);
    log(collection, key, record, std::move(before), nullptr, std::move(entry));
}

void Store::begin(std::vector<Pending>& pending) {
    std::size_t done = 0;
    pending_ = &pending;
    for (const Pending& change : pending) {
        Collection& collection = *change.collection;
        const auto it = collection.by_id.find(change.key);
        const Doc now = it == collection.by_id.end() ? nullptr : it->second.document;
        if (collection.dropped || now != change.before) break;
        change.after ? put(collection, change.key, change.after, change.record)
                     : erase(collection, change.key);
        ++done;
    }
    if (done == pending.size()) return;
    pending.resize(done);
    suspend();
    throw write_conflict();
}

void Store::suspend() {
    for (auto change = pending_->rbegin(); change != pending_->rend(); ++change) {
        change->before ? put(*change->collection, change->key, change->before, change->record)
                       : erase(*change->collection, change->key);
    }
    pending_ = nullptr;
}

void Store::commit(const Session& session) {
    std::vector<Pending>& pending = *std::exchange(pending_, nullptr);
    if (pending.empty()) return;
    const auto shared = std::make_shared<Session>(session);
    const ClusterTime time = oplog_.tick();
    std::uint32_t index = 0;
    for (Pending& change : pending) {
        change.entry.time = time;
        change.entry.txn_index = index++;
        change.entry.session = shared;
        oplog_.append(std::move(change.entry));
    }
}

void Store::renew() {
    for (auto& [db, collections] : databases_) {
        for (auto& [name, collection] : collections) collection->ns = make_namespace(db, name, new_uuid());
    }
}

}  // namespace halcyon::devstack::mongo
