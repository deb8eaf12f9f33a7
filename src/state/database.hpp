// The data base with its column families, locked by this process.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "state/changes.hpp"
#include "state/hooks.hpp"
#include "state/options.hpp"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
class FileLock;
class Iterator;
class Snapshot;
class WriteBatch;
}  // namespace rocksdb

namespace halcyon::state {

/// Thread rule: any thread, one writer.
class Database {
  public:
    enum class Mode { read_write, read_only };
    static Result<std::shared_ptr<Database>> open(const Options& options, const Hooks& hooks, Mode mode);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// How the last run ended, as found at open.
    bool clean() const { return clean_; }
    bool machine_restarted() const { return machine_restarted_; }
    const std::string& path() const { return path_; }

    /// By position; nothing: not there. All of one moment: `at`, or now.
    Result<std::vector<std::optional<std::string>>> get(Family family,
                                                        const std::vector<std::string_view>& keys,
                                                        const rocksdb::Snapshot* at = nullptr) const;
    /// Calls `row` for every key in [from, to) in order until it returns false or an error.
    using RowFn = std::function<Result<bool>(std::string_view key, std::string_view value)>;
    Result<> scan(Family family, std::string_view from, std::string_view to, const RowFn& row,
                  const rocksdb::Snapshot* at = nullptr) const;
    std::shared_ptr<const rocksdb::Snapshot> snapshot() const;
    /// At the first key that is not before `from`. REQUIRES: ends before the data base.
    std::unique_ptr<rocksdb::Iterator> iterate(Family family, std::string_view from,
                                               const rocksdb::Snapshot* at) const;

    /// One atomic batch; with `sync` it and all before it survive the machine.
    Result<> write(rocksdb::WriteBatch& batch, bool sync);
    rocksdb::ColumnFamilyHandle* family(Family f) const { return families_[static_cast<std::size_t>(f)]; }

  private:
    Database() = default;
    Result<> open_folder(Mode mode);
    Result<> lock_folder();
    Result<> open_tables(const Options& options, Mode mode);
    Result<> check_schema(const Hooks& hooks, Mode mode);
    Result<> migrate(const Hooks& hooks, std::uint8_t from);
    Result<> start(const Hooks& hooks, Mode mode);
    Result<std::optional<std::string>> meta(std::string_view name) const;

    std::string path_;
    rocksdb::Env* env_ = nullptr;
    rocksdb::FileLock* lock_ = nullptr;
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> handles_;
    std::array<rocksdb::ColumnFamilyHandle*, family_count> families_{};
    bool clean_ = false;
    bool machine_restarted_ = false;
};

namespace meta {
inline constexpr std::string_view schema = "schema";
inline constexpr std::string_view program = "program";
inline constexpr std::string_view clean = "clean";
inline constexpr std::string_view boot = "boot";
}  // namespace meta

}  // namespace halcyon::state
