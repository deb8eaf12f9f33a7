// The schema version, migration, and how the last run ended.
#include <fmt/format.h>
#include <rocksdb/write_batch.h>

#include <fstream>

#include "base/log.hpp"
#include "state/database.hpp"
#include "state/errors.hpp"

namespace halcyon::state {
namespace {

rocksdb::Slice slice(std::string_view s) { return {s.data(), s.size()}; }

std::string kernel_boot_id() {
    std::ifstream in("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(in, id);
    return id;
}

bool has_version_byte(Family family, std::string_view key) {
    if (family == Family::meta) return key == meta::frontier || key.starts_with(meta::count);
    return family != Family::owed_by_due && family != Family::by_change;
}

}  // namespace

Result<> Database::check_schema(const Hooks& hooks, Mode mode) {
    HALCYON_TRY(const auto stored, meta(meta::schema));
    HALCYON_TRY(const auto program, meta(meta::program));
    if (!stored) {
        bool empty = true;
        for (std::size_t f = 0; f < family_count && empty; ++f) {
            if (!family(static_cast<Family>(f))) continue;
            HALCYON_TRY(scan(static_cast<Family>(f), {}, {}, [&](auto, auto) -> Result<bool> {
                empty = false;
                return false;
            }));
        }
        if (!empty || mode == Mode::read_only) return fail(corrupted(path_, "its schema version is missing"));
    } else if (stored->size() != 1) {
        return fail(corrupted(path_, "its schema version does not decode"));
    } else {
        const auto version = static_cast<std::uint8_t>(stored->front());
        if (version > hooks.schema)
            return fail(
                Verdict::fatal, Cause::unsupported,
                fmt::format("the state in {} has schema version {}, written by halcyon {}; this is {} and "
                            "knows up to {}. Install that version again, or move the folder away: receipts "
                            "are then rebuilt from the points' _halcyon, nothing is embedded again",
                            path_, version, program.value_or("?"), HALCYON_VERSION, hooks.schema));
        if (version < hooks.schema) {
            if (mode == Mode::read_only)
                return fail(
                    Verdict::fatal, Cause::unsupported,
                    fmt::format("the state in {} has the older schema version {}: the next `halcyon run` "
                                "migrates it",
                                path_, version));
            HALCYON_TRY(migrate(hooks, version));
        }
    }
    if (mode == Mode::read_only) return success();
    const auto name = hooks.program.empty() ? std::string(HALCYON_VERSION) : hooks.program;
    rocksdb::WriteBatch batch;
    const char version = static_cast<char>(hooks.schema);
    batch.Put(family(Family::meta), slice(meta::schema), slice({&version, 1}));
    batch.Put(family(Family::meta), slice(meta::program), slice(name));
    return write(batch, true);
}

Result<> Database::migrate(const Hooks& hooks, std::uint8_t from) {
    for (; from < hooks.schema; ++from) {
        const Migration* step = nullptr;
        for (const auto& m : hooks.migrations)
            if (m.from == from) step = &m;
        if (!step)
            return fail(
                Verdict::fatal, Cause::unsupported,
                fmt::format("the state in {} has schema version {}, which halcyon {} cannot migrate: run a "
                            "version in between first, or move the folder away",
                            path_, from, HALCYON_VERSION));
        log::info("state", "migrating {} from schema version {} to {}", path_, from, from + 1);
        // Written in pieces: an interrupted migration goes on at the next start, since each record says which
        // version it is.
        for (std::size_t f = 0; f < family_count; ++f) {
            const auto where = static_cast<Family>(f);
            rocksdb::WriteBatch batch;
            HALCYON_TRY(scan(where, {}, {}, [&](auto key, auto value) -> Result<bool> {
                if (!has_version_byte(where, key) || value.empty()) return true;
                if (static_cast<std::uint8_t>(value.front()) != from) return true;
                HALCYON_TRY(const auto record, step->record(where, key, value));
                batch.Put(family(where), slice(key), slice(record));
                if (batch.GetDataSize() < MiB) return true;
                HALCYON_TRY(write(batch, false));
                batch.Clear();
                return true;
            }));
            HALCYON_TRY(write(batch, true));
        }
        if (step->derive) {
            HALCYON_TRY(step->derive(*this));
        }
        rocksdb::WriteBatch done;
        const char version = static_cast<char>(from + 1);
        done.Put(family(Family::meta), slice(meta::schema), slice({&version, 1}));
        HALCYON_TRY(write(done, true));
    }
    return success();
}

Result<> Database::start(const Hooks& hooks, Mode mode) {
    HALCYON_TRY(const auto clean, meta(meta::clean));
    HALCYON_TRY(const auto last_boot, meta(meta::boot));
    const auto boot = hooks.boot_id.value_or(kernel_boot_id());
    clean_ = clean.has_value();
    // A boot id that cannot be read is another one: what is not known to be the same is not the same.
    machine_restarted_ = last_boot && (boot.empty() || *last_boot != boot);
    if (mode == Mode::read_only) return success();
    rocksdb::WriteBatch batch;
    batch.Delete(family(Family::meta), slice(meta::clean));
    batch.Put(family(Family::meta), slice(meta::boot), slice(boot));
    return write(batch, true);
}

}  // namespace halcyon::state
