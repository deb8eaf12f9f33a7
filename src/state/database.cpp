#include "state/database.hpp"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <algorithm>

#include "state/errors.hpp"
#include "state/tuning.hpp"

namespace halcyon::state {
namespace {

constexpr std::array<std::string_view, family_count> family_names{
    "meta", "receipts", "owed", "owed_by_due", "dead", "namespaces", "snapshots", "by_change"};

rocksdb::Slice slice(std::string_view s) { return {s.data(), s.size()}; }
std::string_view view(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

std::string lock_file(const std::string& path) { return path + "/halcyon.lock"; }
std::string pid_file(const std::string& path) { return path + "/halcyon.pid"; }
std::string tables_folder(const std::string& path) { return path + "/db"; }

Error no_state(const std::string& path) {
    return {Verdict::fatal,
            Cause::not_found,
            fmt::format("there is no state in {} yet: halcyon has not run with it", path),
            {}};
}

Result<> check_options(const Options& o) {
    const auto bad = [](std::string text) { return fail(Verdict::fatal, Cause::invalid, std::move(text)); };
    if (o.path.empty()) return bad("state.path is empty: name a folder");
    if (o.cache < MiB) return bad("state.cache must be at least 1MiB");
    if (o.write_buffer < MiB) return bad("state.write_buffer must be at least 1MiB");
    if (o.max_open_files < 16 || o.max_open_files > 100'000)
        return bad("state.max_open_files must be between 16 and 100000");
    return success();
}

}  // namespace

Result<std::shared_ptr<Database>> Database::open(const Options& options, const Hooks& hooks, Mode mode) {
    HALCYON_TRY(check_options(options));
    std::shared_ptr<Database> self(new Database());
    self->path_ = options.path;
    self->env_ = hooks.env ? hooks.env : rocksdb::Env::Default();
    HALCYON_TRY(self->open_folder(mode));
    HALCYON_TRY(self->open_tables(options, mode));
    HALCYON_TRY(self->check_schema(hooks, mode));
    HALCYON_TRY(self->start(hooks, mode));
    return self;
}

Database::~Database() {
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
    db_.reset();
    if (lock_) {
        env_->DeleteFile(pid_file(path_));
        env_->UnlockFile(lock_);
    }
}

Result<> Database::open_folder(Mode mode) {
    if (mode == Mode::read_only) {
        if (!env_->FileExists(tables_folder(path_)).ok()) return fail(no_state(path_));
        return success();
    }
    if (const auto s = env_->CreateDirIfMissing(path_); !s.ok()) {
        if (s.subcode() == rocksdb::Status::kPathNotFound)
            return fail(Verdict::fatal, Cause::invalid,
                        fmt::format("state.path: the folder that should hold {} does not exist", path_));
        if (s.ToString().find("not a directory") != std::string::npos)
            return fail(Verdict::fatal, Cause::invalid, fmt::format("state.path: {} is not a folder", path_));
        return fail(to_error(s, "making the state folder", path_));
    }
    HALCYON_TRY(lock_folder());
    if (const auto s = env_->CreateDirIfMissing(tables_folder(path_)); !s.ok())
        return fail(to_error(s, "making the state folder", path_));
    return success();
}

Result<> Database::lock_folder() {
    if (const auto s = env_->LockFile(lock_file(path_), &lock_); !s.ok()) {
        lock_ = nullptr;
        auto error = to_error(s, "locking the state folder", path_);
        std::string pid;
        if (error.cause == Cause::conflict) {
            error.context =
                rocksdb::ReadFileToString(env_, pid_file(path_), &pid).ok() && !pid.empty()
                    ? fmt::format("the state folder {} is in use by process {}: one halcyon to a folder",
                                  path_, pid)
                    : fmt::format(
                          "the state folder {} is in use by another process: one halcyon to a "
                          "folder",
                          path_);
        }
        return fail(std::move(error));
    }
    if (const auto s = rocksdb::WriteStringToFile(env_, std::to_string(::getpid()), pid_file(path_)); !s.ok())
        return fail(to_error(s, "noting the process", path_));
    return success();
}

Result<> Database::open_tables(const Options& options, Mode mode) {
    const auto folder = tables_folder(path_);
    rocksdb::DBOptions db_options;
    rocksdb::ColumnFamilyOptions table_options;
    tune(options, db_options, table_options);
    db_options.env = env_;
    std::vector<std::string> files;
    if (const auto s = env_->GetChildren(folder, &files); !s.ok())
        return fail(to_error(s, "reading the state folder", path_));
    const auto holds = [&](std::string_view part) {
        return std::any_of(files.begin(), files.end(), [&](const auto& f) { return f.find(part) != f.npos; });
    };
    const bool current = std::find(files.begin(), files.end(), "CURRENT") != files.end();
    // Without CURRENT RocksDB would start an empty data base over what is there. A MANIFEST alone is a data
    // base that was not made to its end: the first log comes after CURRENT.
    if (!current && (holds(".sst") || holds(".log")))
        return fail(corrupted(path_, "the file CURRENT is missing"));
    if (!current && mode == Mode::read_only) return fail(no_state(path_));

    std::vector<std::string> names;
    if (current)
        if (const auto s = rocksdb::DB::ListColumnFamilies(db_options, folder, &names); !s.ok())
            return fail(to_error(s, "opening the state", path_));
    const auto add = [&](std::string_view name) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
    };
    add(rocksdb::kDefaultColumnFamilyName);
    if (mode == Mode::read_write) std::for_each(family_names.begin(), family_names.end(), add);

    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const auto& name : names) descriptors.emplace_back(name, table_options);
    rocksdb::DB* db = nullptr;
    const auto s = mode == Mode::read_only
                       ? rocksdb::DB::OpenForReadOnly(db_options, folder, descriptors, &handles_, &db)
                       : rocksdb::DB::Open(db_options, folder, descriptors, &handles_, &db);
    if (!s.ok()) return fail(to_error(s, "opening the state", path_));
    db_.reset(db);
    for (std::size_t i = 0; i < family_count; ++i) {
        const auto at = std::find(names.begin(), names.end(), family_names[i]);
        // What lists are made of is not missed by who reads alone.
        if (at == names.end() && mode == Mode::read_only && static_cast<Family>(i) == Family::by_change)
            continue;
        if (at == names.end())
            return fail(corrupted(path_, fmt::format("the table {} is missing", family_names[i])));
        families_[i] = handles_[static_cast<std::size_t>(at - names.begin())];
    }
    return success();
}

Result<std::vector<std::optional<std::string>>> Database::get(Family f,
                                                              const std::vector<std::string_view>& keys,
                                                              const rocksdb::Snapshot* at) const {
    std::vector<rocksdb::Slice> slices(keys.size());
    std::transform(keys.begin(), keys.end(), slices.begin(), slice);
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    rocksdb::ReadOptions options;
    options.snapshot = at;
    db_->MultiGet(options, family(f), keys.size(), slices.data(), values.data(), statuses.data());
    std::vector<std::optional<std::string>> out(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (statuses[i].ok())
            out[i].emplace(values[i].data(), values[i].size());
        else if (!statuses[i].IsNotFound())
            return fail(to_error(statuses[i], "reading the state", path_));
    }
    return out;
}

Result<> Database::scan(Family f, std::string_view from, std::string_view to, const RowFn& row,
                        const rocksdb::Snapshot* at) const {
    rocksdb::ReadOptions options;
    const auto upper = slice(to);
    if (!to.empty()) options.iterate_upper_bound = &upper;
    options.snapshot = at;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, family(f)));
    for (it->Seek(slice(from)); it->Valid(); it->Next()) {
        HALCYON_TRY(const bool more, row(view(it->key()), view(it->value())));
        if (!more) break;
    }
    if (!it->status().ok()) return fail(to_error(it->status(), "reading the state", path_));
    return success();
}

std::unique_ptr<rocksdb::Iterator> Database::iterate(Family f, std::string_view from,
                                                     const rocksdb::Snapshot* at) const {
    rocksdb::ReadOptions options;
    options.snapshot = at;
    options.fill_cache = false;
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, family(f)));
    it->Seek(slice(from));
    return it;
}

std::shared_ptr<const rocksdb::Snapshot> Database::snapshot() const {
    auto* db = db_.get();
    return {db->GetSnapshot(), [db](const rocksdb::Snapshot* s) {
                if (s) db->ReleaseSnapshot(s);
            }};
}

Result<> Database::write(rocksdb::WriteBatch& batch, bool sync) {
    rocksdb::WriteOptions options;
    options.sync = sync;
    if (const auto s = db_->Write(options, &batch); !s.ok())
        return fail(to_error(s, "writing the state", path_));
    return success();
}

Result<std::optional<std::string>> Database::meta(std::string_view name) const {
    HALCYON_TRY(auto values, get(Family::meta, {name}));
    return std::move(values.front());
}

}  // namespace halcyon::state
