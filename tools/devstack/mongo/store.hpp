// Databases and collections in memory: documents as BSON bytes, in the order of their _id's key and in the
// order of insertion.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "devstack/mongo/oplog.hpp"

namespace halcyon::devstack::mongo {

struct Record {
    std::uint64_t id = 0;  // order of insertion
    Doc document;
};

struct Collection {
    using Map = std::map<std::string, Record, std::less<>>;

    std::shared_ptr<const Namespace> ns;
    Map by_id;                                         // by the key of _id
    std::map<std::uint64_t, Map::iterator> by_record;  // the natural order
    std::uint64_t next_record = 1;
    std::size_t bytes = 0;
    std::vector<std::string> indexes;  // their specifications; _id's comes first
    std::string options;               // as `create` got them
    bool dropped = false;
};

using CollectionPtr = std::shared_ptr<Collection>;

// A document's change inside an open transaction: kept aside, put in place only while the transaction's own
// commands run.
struct Pending {
    CollectionPtr collection;
    std::string key;
    std::uint64_t record = 0;
    Doc before;  // null: there was none
    Doc after;   // null: removed
    Entry entry;
};

class Store {
  public:
    explicit Store(Oplog& oplog) : oplog_(oplog) {}

    CollectionPtr find(std::string_view db, std::string_view name) const;
    CollectionPtr find_uuid(std::string_view db, std::string_view uuid) const;
    CollectionPtr create(std::string_view db, std::string_view name, std::string options = {});
    CollectionPtr find_or_create(std::string_view db, std::string_view name);
    void drop(const CollectionPtr& collection);
    void drop_database(const std::string& db);
    // A collection in the target's place is gone without an event of its own.
    void rename(const CollectionPtr& collection, const std::string& db, const std::string& name);
    void add_index(const CollectionPtr& collection, std::string spec);
    std::vector<std::string> databases() const;
    std::vector<CollectionPtr> collections(std::string_view db) const;

    // Documents have their _id, first. Throws CommandError where the key is taken.
    void insert(const CollectionPtr& collection, std::string document);
    // `description` is null for a replacement.
    void update(const CollectionPtr& collection, const std::string& key, std::string document,
                const std::string* description);
    void remove(const CollectionPtr& collection, const std::string& key);

    // From begin to suspend, changes go to `pending` and not to the oplog. begin puts those pending in place
    // and throws WriteConflict where the collection has moved on; suspend takes them out again; commit leaves
    // them and logs them.
    void begin(std::vector<Pending>& pending);
    void suspend();
    void commit(const Session& session);
    bool in_transaction() const { return pending_ != nullptr; }

    // Gives every collection a new uuid, as a restored backup on another deployment has.
    void renew();

  private:
    void put(Collection& collection, const std::string& key, Doc document, std::uint64_t record);
    void erase(Collection& collection, const std::string& key);
    void log(const CollectionPtr& collection, const std::string& key, std::uint64_t record, Doc before,
             Doc after, Entry entry);

    Oplog& oplog_;
    std::map<std::string, std::map<std::string, CollectionPtr, std::less<>>, std::less<>> databases_;
    std::vector<Pending>* pending_ = nullptr;
};

std::string new_uuid();
// The document {_id: ..} of a document.
Doc key_document(View document);

}  // namespace halcyon::devstack::mongo
