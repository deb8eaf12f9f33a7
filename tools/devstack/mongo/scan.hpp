// Walking a collection: by _id where that serves, else in natural order; it may be left and taken up again
// between commands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "devstack/mongo/matcher.hpp"
#include "devstack/mongo/store.hpp"

namespace halcyon::devstack::mongo {

struct ScanOptions {
    View filter;
    bool by_id = false;  // in the order of _id even where the filter says nothing about it
    bool backwards = false;
    std::optional<std::string> min;  // key, inclusive
    std::optional<std::string> max;  // key, exclusive
};

class Scan {
  public:
    Scan(CollectionPtr collection, const ScanOptions& options);

    // The next document that matches, or null at the end; valid until the collection changes or the next
    // call.
    const Doc* next();
    // Its key.
    const std::string& key() const { return place_; }
    bool dropped() const { return collection_->dropped; }
    const Collection& collection() const { return *collection_; }

  private:
    const Record* step();
    const Record* step_by_id();
    const Record* step_natural();

    CollectionPtr collection_;
    Matcher matcher_;
    IdBounds bounds_;
    bool by_id_ = false;
    bool backwards_ = false;
    std::optional<std::string> min_;
    std::optional<std::string> max_;
    std::string place_;         // key of the last document given
    std::uint64_t record_ = 0;  // natural place of the last document given
    std::size_t exact_ = 0;
    bool started_ = false;
};

}  // namespace halcyon::devstack::mongo
