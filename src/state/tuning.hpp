// RocksDB's options for many small records and bounded memory.
#pragma once

#include "state/options.hpp"

namespace rocksdb {
struct ColumnFamilyOptions;
struct DBOptions;
}  // namespace rocksdb

namespace halcyon::state {

/// Sets all but the environment.
void tune(const Options& options, rocksdb::DBOptions& db, rocksdb::ColumnFamilyOptions& table);

}  // namespace halcyon::state
