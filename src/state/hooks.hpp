// What a store is opened on; tests replace it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "state/changes.hpp"
#include "state/codec.hpp"

namespace halcyon::state {
class Database;
}
namespace rocksdb {
class Env;
}

namespace halcyon::state {

/// From one schema version to the next: what becomes of a record (its first byte is the version that it was
/// written in). Records of Family::meta: only those with a version byte (frontier, counts); owed_by_due has
/// no values.
struct Migration {
    std::uint8_t from;
    std::function<Result<std::string>(Family family, std::string_view key, std::string_view value)> record;
    /// What is derived from the records (indexes, counts) is made anew from the migrated ones; may be empty.
    /// May run more than once.
    std::function<Result<>(Database& database)> derive{};
};

/// What this program can migrate from, oldest first.
std::vector<Migration> migrations();

/// Lists of documents by their last change.
struct ListHooks {
    std::uint64_t few = 2000;                    // so many records are read for a page rather than indexed
    std::size_t at_once = 2000;                  // so many are indexed between commits
    Duration unused = std::chrono::minutes(10);  // an index that nobody asks goes after so long
};

struct Hooks {
    rocksdb::Env* env = nullptr;         // nothing: the system's files. REQUIRES: outlives the store
    std::optional<std::string> boot_id;  // nothing: the kernel's
    std::string program;                 // empty: this version of halcyon
    std::uint8_t schema = schema_version;
    std::vector<Migration> migrations = state::migrations();
    ListHooks lists;
};

}  // namespace halcyon::state
