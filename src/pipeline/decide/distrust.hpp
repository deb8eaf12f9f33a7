// Which receipts are not believed after an unclean stop (section "Replay zone" of docs/architecture.md).
// Pure.
#pragma once

#include <cstddef>
#include <set>

#include "core/key.hpp"

namespace halcyon::pipeline {

/// A scan or owed work of the life before may have written a document and died before its receipt was stored.
/// Of owed work it is known which documents that can be; of a scan it is not. What is not believed is asked
/// for: Qdrant says what it holds. One collection's.
class Distrust {
  public:
    explicit Distrust(std::size_t most_keys = 1024) : most_keys_(most_keys) {}

    /// A scan was under way: nothing is believed until all scans of the collection are done.
    void until_scanned() { scans_ = true; }
    void scanned() { scans_ = false; }
    /// This document is owed, and its receipt is not believed.
    void doubt(const DocumentKey& key) {
        if (keys_.size() < most_keys_ || keys_.contains(key))
            keys_.insert(key);
        else
            too_many_ = true;
    }
    /// More are owed than are worth remembering: nothing is believed until nothing is owed.
    void doubt_many() { too_many_ = true; }
    /// Qdrant was asked, and what it said is in the receipt now.
    void asked(const DocumentKey& key) { keys_.erase(key); }
    void nothing_owed() {
        keys_.clear();
        too_many_ = false;
    }

    bool of(const DocumentKey& key) const { return scans_ || too_many_ || keys_.contains(key); }
    bool any() const { return scans_ || too_many_ || !keys_.empty(); }
    std::size_t most_keys() const { return most_keys_; }

  private:
    std::size_t most_keys_;
    std::set<DocumentKey> keys_;
    bool scans_ = false;
    bool too_many_ = false;
};

}  // namespace halcyon::pipeline
