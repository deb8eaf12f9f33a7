// A folder of its own for a test, removed at its end, and short names for building commits.
#pragma once

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "core/commit.hpp"

namespace halcyon::testing {

class Folder {
  public:
    Folder() {
        auto name = (std::filesystem::temp_directory_path() / "halcyon-state-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

inline Version version(std::uint32_t seconds, std::uint32_t epoch = 1) { return {epoch, {seconds, 1}, 0}; }

inline ReceiptKey key(std::string id, std::string collection = "products", std::string name = "products",
                      std::string database = "shop") {
    return {CollectionName(std::move(collection)),
            {{std::move(database), std::move(name)}, DocId::from_bytes(std::move(id))}};
}

inline Receipt receipt(std::uint32_t seconds, bool deleted = false) {
    return {version(seconds), Digest{seconds, 2}, Digest{3, seconds}, deleted ? 0U : 1U,
            deleted,          WallTime{seconds},  deleted ? 0U : 1U};
}

inline Owed owed(std::uint32_t seconds, std::int64_t next_attempt = 0) {
    Owed note{version(seconds), "unavailable", 1, WallTime{next_attempt}, WallTime{5}};
    note.code = ErrorCode::qdrant_unavailable;
    note.last_attempt = WallTime{6};
    return note;
}

inline DeadLetter dead(std::uint32_t seconds) {
    return {version(seconds), ErrorCode::qdrant_rejected, "no such field", "{}", 3, WallTime{1}, WallTime{2}};
}

}  // namespace halcyon::testing
