// What happened to documents lately, for people who ask about one of them. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/time.hpp"
#include "core/key.hpp"
#include "core/version.hpp"

namespace halcyon::pipeline {

enum class Happened : std::uint8_t {
    // The stream said so.
    changed,
    deleted,
    too_large,
    // A collection's lane did so.
    embedded_and_written,
    payload_written,
    removed,
    held_already,
    not_wanted,
    superseded,
    owed,
    failed,
    buried,
    doubted,
};
std::string_view to_string(Happened what);

/// A ring of fixed size, whatever the ids are: 64 bytes an entry.
class Recent {
  public:
    struct Entry {
        Digest key;
        WallTime at{};
        Version version{};
        /// Of the options, which outlive the ring; nothing: what the stream brought.
        const CollectionName* collection = nullptr;
        Happened what{};
    };
    explicit Recent(std::size_t size = 4096) : size_(size) {}

    void add(const DocumentKey& key, const CollectionName* collection, Happened what, const Version& version,
             WallTime at);
    /// Oldest first.
    std::vector<Entry> of(const DocumentKey& key) const;

  private:
    std::size_t size_;
    std::size_t next_ = 0;
    std::vector<Entry> entries_;
};

}  // namespace halcyon::pipeline
