#include "state/tuning.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>

namespace halcyon::state {

void tune(const Options& o, rocksdb::DBOptions& db, rocksdb::ColumnFamilyOptions& table) {
    const auto cache = rocksdb::NewLRUCache(o.cache, 4);

    db.create_if_missing = true;
    db.create_missing_column_families = true;
    db.max_open_files = o.max_open_files;
    db.max_background_jobs = 2;
    db.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(o.write_buffer);
    db.max_total_wal_size = 4 * o.write_buffer;
    db.bytes_per_sync = MiB;
    // A write that the power cut in two is at the end of the log: everything before it is taken.
    db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
    db.keep_log_file_num = 2;
    db.max_log_file_size = MiB;
    db.stats_dump_period_sec = 0;
    db.stats_persist_period_sec = 0;
    // Backups and bug reports carry these files: they need not say which machine wrote them.
    db.db_host_id.clear();

    rocksdb::BlockBasedTableOptions blocks;
    blocks.block_cache = cache;
    blocks.cache_index_and_filter_blocks = true;
    blocks.pin_l0_filter_and_index_blocks_in_cache = true;
    blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    blocks.format_version = 5;
    blocks.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
    table.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
    table.write_buffer_size = std::max<std::size_t>(o.write_buffer / 2, MiB);
    table.max_write_buffer_number = 3;
    table.target_file_size_base = 16 * MiB;
    table.max_bytes_for_level_base = 64 * MiB;
    table.level_compaction_dynamic_level_bytes = true;
    // Most receipts that are asked for before a write are not in memory: the filter says so.
    table.memtable_prefix_bloom_size_ratio = 0.05;
    table.memtable_whole_key_filtering = true;

    // Digests do not shrink: what a stronger compression saves is little, and it costs every read that
    // misses.
    const auto supported = rocksdb::GetSupportedCompressions();
    const bool lz4 =
        std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) != supported.end();
    table.compression = lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

}  // namespace halcyon::state
