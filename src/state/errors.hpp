// From RocksDB's answers to verdicts.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace rocksdb {
class Status;
}

namespace halcyon::state {

/// `doing` as in "writing a commit"; `path` is the state folder. REQUIRES: !status.ok().
Error to_error(const rocksdb::Status& status, std::string_view doing, std::string_view path);

/// The folder does not hold what it should.
Error corrupted(std::string_view path, std::string_view what);

}  // namespace halcyon::state
