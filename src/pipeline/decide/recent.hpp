// What happened to documents lately, for people who ask about one of them. Pure.
#pragma once

#include <functional>
#include <vector>

#include "base/digest.hpp"
#include "base/time.hpp"
#include "core/key.hpp"
#include "core/story.hpp"
#include "core/version.hpp"

namespace halcyon::pipeline {

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
    /// Called with each as it is added; nothing: nobody listens.
    std::function<void(const DocumentKey&, const Entry&)> tail;
    /// Oldest first.
    std::vector<Entry> of(const DocumentKey& key) const;

  private:
    std::size_t size_;
    std::size_t next_ = 0;
    std::vector<Entry> entries_;
};

/// For observers.
PastEvent past(const Recent::Entry& entry);

}  // namespace halcyon::pipeline
