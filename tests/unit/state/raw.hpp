// What a stopped store left on the disk.
#pragma once

#include <rocksdb/db.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "unit/state/folder.hpp"

namespace halcyon::testing {

/// The raw tables of a stopped store.
class Raw {
  public:
    explicit Raw(const Folder& folder) {
        const auto path = (folder.path() / "db").string();
        std::vector<std::string> names;
        REQUIRE(rocksdb::DB::ListColumnFamilies({}, path, &names).ok());
        std::vector<rocksdb::ColumnFamilyDescriptor> families;
        for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
        rocksdb::DB* db = nullptr;
        REQUIRE(rocksdb::DB::Open({}, path, families, &handles_, &db).ok());
        db_.reset(db);
    }
    ~Raw() {
        for (auto* h : handles_) db_->DestroyColumnFamilyHandle(h);
    }
    rocksdb::DB& db() { return *db_; }
    rocksdb::ColumnFamilyHandle* family(const std::string& name) {
        for (auto* h : handles_)
            if (h->GetName() == name) return h;
        FAIL("no family " + name);
        return nullptr;
    }
    void put(const std::string& family_name, const std::string& key, const std::string& value) {
        REQUIRE(db_->Put({}, family(family_name), key, value).ok());
    }
    std::size_t size(const std::string& family_name) {
        std::size_t out = 0;
        const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}, family(family_name)));
        for (it->SeekToFirst(); it->Valid(); it->Next()) ++out;
        return out;
    }
    std::string get(const std::string& family_name, const std::string& key) {
        std::string value;
        REQUIRE(db_->Get({}, family(family_name), key, &value).ok());
        return value;
    }

  private:
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace halcyon::testing
