// Of which documents it is to be said how they stand. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/key.hpp"

namespace halcyon::pipeline {

/// Keys only, and not more than `most`: what is said is read from the state when it is said.
class StatusBook {
  public:
    explicit StatusBook(std::size_t most) : most_(most) {}

    enum class News {
        synced,     // the collection was made to hold what the document wants
        unchanged,  // it held that already
        behind,     // it waits or fails
    };
    /// Nothing follows `unchanged`, unless the document was behind: a status that is written is a change of
    /// its document, which would be followed by another status, for ever. False: nothing is to be said now,
    /// or there is no room for another document.
    bool note(const DocumentKey& key, const CollectionName& collection, News news);

    /// At most `most` documents, those first that have waited longest.
    std::vector<DocumentKey> take(std::size_t most);
    /// Nothing could be said of them.
    void put_back(const std::vector<DocumentKey>& keys);

    std::size_t waiting() const { return since_.size(); }
    std::uint64_t dropped() const { return dropped_; }

  private:
    bool add(const DocumentKey& key);

    std::size_t most_;
    std::uint64_t next_ = 0;
    std::uint64_t dropped_ = 0;
    std::map<DocumentKey, std::uint64_t> since_;
    std::map<std::uint64_t, DocumentKey> order_;
    std::set<std::pair<DocumentKey, CollectionName>> behind_;  // at most `most`
};

}  // namespace halcyon::pipeline
