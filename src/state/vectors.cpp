#include "state/vectors.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>

#include "base/bytes.hpp"
#include "base/log.hpp"
#include "state/errors.hpp"
#include "state/wire.hpp"

namespace halcyon::state {
namespace {

constexpr std::uint8_t format = 1;
constexpr std::size_t head_bytes = 1 + 4 + 8;

/// An entry as it lies on the disk: format, dimension, when it was put (the data base's sequence number
/// then), and the JSON text of the vector. The text itself: numbers that were parsed and printed again may
/// differ.
struct Entry {
    std::uint32_t dimension = 0;
    std::uint64_t put = 0;
    std::string_view json;
};

std::string encode(const Entry& e) {
    auto bytes = Encoder().number(format).number(e.dimension).number(e.put).finish();
    bytes.append(e.json);
    return bytes;
}

/// Nothing: not one whole vector of that many numbers.
std::optional<Entry> decode(std::string_view bytes, std::uint32_t dimension) {
    if (bytes.size() < head_bytes + 2) return std::nullopt;
    Decoder d(bytes.substr(0, head_bytes));
    if (d.number<std::uint8_t>() != format) return std::nullopt;
    Entry e{d.number<std::uint32_t>(), d.number<std::uint64_t>(), bytes.substr(head_bytes)};
    if (e.dimension != dimension || e.json.front() != '[' || e.json.back() != ']') return std::nullopt;
    if (std::count(e.json.begin(), e.json.end(), ',') + 1 != std::int64_t{dimension}) return std::nullopt;
    return e;
}

std::array<char, 16> key_of(const Digest& d) {
    std::array<char, 16> key{};
    for (unsigned i = 0; i < 8; ++i) {
        key[i] = static_cast<char>(d.high >> (56 - 8 * i));
        key[8 + i] = static_cast<char>(d.low >> (56 - 8 * i));
    }
    return key;
}

rocksdb::Slice slice(const std::array<char, 16>& key) { return {key.data(), key.size()}; }

rocksdb::Options tuned(const VectorOptions& o) {
    rocksdb::Options out;
    if (o.env) out.env = o.env;
    out.create_if_missing = true;
    // Oldest files go when there are too many bytes of them; small ones are merged first, so that a read has
    // few to ask.
    out.compaction_style = rocksdb::kCompactionStyleFIFO;
    out.compaction_options_fifo.max_table_files_size = o.bytes;
    out.compaction_options_fifo.allow_compaction = true;
    out.ttl = 0;
    out.periodic_compaction_seconds = 0;
    out.num_levels = 1;
    out.max_open_files = 256;
    out.max_background_jobs = 2;
    out.write_buffer_size = o.memory / 6;
    out.max_write_buffer_number = 3;
    out.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
    out.keep_log_file_num = 1;
    out.max_log_file_size = MiB;
    out.stats_dump_period_sec = 0;
    out.stats_persist_period_sec = 0;
    out.db_host_id.clear();
    rocksdb::BlockBasedTableOptions blocks;
    blocks.block_cache = rocksdb::NewLRUCache(o.memory / 2, 2);
    blocks.cache_index_and_filter_blocks = true;
    blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    blocks.format_version = 5;
    blocks.block_size = 32 * KiB;
    out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
    // Digits, mostly: half of their bytes is what binary numbers would take.
    const auto supported = rocksdb::GetSupportedCompressions();
    out.compression = rocksdb::kNoCompression;
    for (const auto c : {rocksdb::kZSTD, rocksdb::kZlibCompression, rocksdb::kLZ4Compression})
        if (std::find(supported.begin(), supported.end(), c) != supported.end()) {
            out.compression = c;
            break;
        }
    return out;
}

}  // namespace

struct Vectors::Tables {
    std::unique_ptr<rocksdb::DB> db;
    std::uint64_t room = 0;

    std::uint64_t number(const char* property) const {
        std::uint64_t n = 0;
        db->GetIntProperty(property, &n);
        return n;
    }
    /// Not logged: a crash may forget the last megabytes. Never waits for the disk: then nothing is kept.
    void write(rocksdb::WriteBatch& batch) {
        rocksdb::WriteOptions options;
        options.disableWAL = true;
        options.no_slowdown = true;
        if (const auto s = db->Write(options, &batch); !s.ok())
            log::debug("vectors", "not kept: {}", s.ToString());
    }
    std::vector<std::optional<EncodedVector>> get(const std::vector<Digest>& keys, std::uint32_t dimension);
    void put(const std::vector<std::pair<Digest, EncodedVector>>& vectors);
};

std::vector<std::optional<EncodedVector>> Vectors::Tables::get(const std::vector<Digest>& digests,
                                                               std::uint32_t dimension) {
    std::vector<std::array<char, 16>> keys(digests.size());
    std::transform(digests.begin(), digests.end(), keys.begin(), key_of);
    std::vector<rocksdb::Slice> slices(keys.size());
    std::transform(keys.begin(), keys.end(), slices.begin(), slice);
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    db->MultiGet({}, db->DefaultColumnFamily(), keys.size(), slices.data(), values.data(), statuses.data());
    // What is asked for in the older half is put again, so that it is not the next to go.
    const auto now = db->GetLatestSequenceNumber();
    const bool filling = number("rocksdb.total-sst-files-size") > room / 2;
    const auto young = filling ? number("rocksdb.estimate-num-keys") / 2 : now;
    rocksdb::WriteBatch again;
    std::vector<std::optional<EncodedVector>> out(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (!statuses[i].ok()) continue;
        const auto entry = decode(values[i].ToStringView(), dimension);
        if (!entry) continue;
        out[i] = EncodedVector{std::string(entry->json), dimension};
        if (entry->put + young < now) again.Put(slices[i], encode({dimension, now, entry->json}));
    }
    if (again.Count() > 0) write(again);
    return out;
}

void Vectors::Tables::put(const std::vector<std::pair<Digest, EncodedVector>>& vectors) {
    const auto now = db->GetLatestSequenceNumber();
    rocksdb::WriteBatch batch;
    for (const auto& [digest, vector] : vectors)
        batch.Put(slice(key_of(digest)), encode({vector.dimension, now, vector.json}));
    write(batch);
}

Result<std::unique_ptr<Vectors>> Vectors::open(const VectorOptions& options, async::Pool& pool) {
    const auto tuning = tuned(options);
    rocksdb::DB* db = nullptr;
    auto s = rocksdb::DB::Open(tuning, options.path, &db);
    if (s.IsCorruption() || s.IsInvalidArgument() || s.IsNotSupported()) {
        log::warn("vectors", "the vector cache in {} cannot be read ({}): a new one is begun", options.path,
                  s.ToString());
        rocksdb::DestroyDB(options.path, tuning);
        s = rocksdb::DB::Open(tuning, options.path, &db);
    }
    if (!s.ok()) return fail(to_error(s, "opening the vector cache", options.path));
    auto tables = std::make_shared<Tables>();
    tables->db.reset(db);
    tables->room = options.bytes;
    return std::unique_ptr<Vectors>(new Vectors(std::move(tables), pool));
}

void Vectors::remove(const VectorOptions& options) {
    const auto tuning = tuned(options);
    if (tuning.env->FileExists(options.path).ok()) rocksdb::DestroyDB(options.path, tuning);
}

Vectors::Vectors(std::shared_ptr<Tables> tables, async::Pool& pool)
    : tables_(std::move(tables)), pool_(pool) {}
Vectors::~Vectors() = default;

Task<std::vector<std::optional<EncodedVector>>> Vectors::get(std::vector<Digest> keys,
                                                             std::uint32_t dimension) {
    return async::on_pool(pool_, [tables = tables_, wanted = std::move(keys), dimension] {
        return tables->get(wanted, dimension);
    });
}

Task<> Vectors::put(std::vector<std::pair<Digest, EncodedVector>> vectors) {
    return async::on_pool(pool_, [tables = tables_, kept = std::move(vectors)] { tables->put(kept); });
}

std::uint64_t Vectors::bytes() const { return tables_->number("rocksdb.total-sst-files-size"); }

}  // namespace halcyon::state
