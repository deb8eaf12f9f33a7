// What became of the records from one schema version to the next.
#include <rocksdb/write_batch.h>

#include "state/codec.hpp"
#include "state/database.hpp"
#include "state/documents.hpp"
#include "state/errors.hpp"
#include "state/keys.hpp"
#include "state/wire.hpp"

namespace halcyon::state {
namespace {

rocksdb::Slice slice(std::string_view s) { return {s.data(), s.size()}; }

constexpr std::size_t version_size = 16;

/// The codes that a letter could have had: the names of causes.
ErrorCode code_of_cause(std::string_view cause) {
    if (cause == "dimension_mismatch") return ErrorCode::dimension_mismatch;
    if (cause == "too_large") return ErrorCode::document_too_large;
    if (cause == "invalid") return ErrorCode::validation_error;
    return ErrorCode::unknown;
}

/// 2: receipts count their embeddings, notes know their last error, letters have codes for operators.
Result<std::string> to_2(Family family, std::string_view, std::string_view value) {
    std::string out(value);
    out[0] = '\x02';
    Encoder more;
    switch (family) {
        case Family::receipts: {
            const bool deleted = value[value.size() - sizeof(std::int64_t) - 1] != '\0';
            out += more.number(std::uint32_t{deleted ? 0U : 1U}).finish();
            break;
        }
        case Family::owed:
            out += more.number(std::uint8_t{0}).number(std::int64_t{0}).flag(false).finish();
            break;
        case Family::dead: {
            Decoder code(value.substr(1 + version_size));
            const auto cause = code.bytes();
            more.number(static_cast<std::uint8_t>(code_of_cause(cause)));
            out.replace(1 + version_size, sizeof(std::uint32_t) + cause.size(), more.finish());
            break;
        }
        default:
            break;
    }
    return out;
}

/// 2: owed notes that failed have a queue of their own, and statuses are counted.
Result<> derive_2(Database& db) {
    rocksdb::WriteBatch batch;
    HALCYON_TRY(db.scan(Family::owed_by_due, {}, {}, [&](auto key, auto) -> Result<bool> {
        batch.Delete(db.family(Family::owed_by_due), slice(key));
        return true;
    }));
    HALCYON_TRY(db.scan(Family::meta, meta::count, end_of(std::string(meta::count)),
                        [&](auto key, auto) -> Result<bool> {
                            batch.Delete(db.family(Family::meta), slice(key));
                            return true;
                        }));
    HALCYON_TRY(db.scan(Family::owed, {}, {}, [&](auto bytes, auto value) -> Result<bool> {
        const auto key = parse_key(bytes);
        if (!key) return fail(corrupted(db.path(), "a key does not decode"));
        HALCYON_TRY(const auto note, decode<Owed>(value));
        batch.Put(db.family(Family::owed_by_due), slice(due_key(*key, note)), {});
        return true;
    }));
    HALCYON_TRY(const auto counts, count_all(db));
    for (const auto& [name, c] : counts)
        batch.Put(db.family(Family::meta), slice(std::string(meta::count) + name.value()), slice(encode(c)));
    return db.write(batch, true);
}

}  // namespace

std::vector<Migration> migrations() { return {{1, to_2, derive_2}}; }

}  // namespace halcyon::state
