// Filters: what find, update, delete and $match take.
#pragma once

#include <memory>
#include <vector>

#include "devstack/mongo/bson.hpp"

namespace halcyon::devstack::mongo {

class Matcher {
  public:
    // Throws CommandError for what it doesn't know. Keeps a copy of the filter.
    explicit Matcher(View filter);
    ~Matcher();
    Matcher(Matcher&&) noexcept;
    Matcher& operator=(Matcher&&) noexcept;

    bool matches(View document) const;
    bool everything() const;
    View filter() const { return View(*filter_); }

    class Node;

  private:
    Doc filter_;
    std::unique_ptr<Node> root_;
};

// Whether a predicate is a document of operators: {$gt: 1}
bool is_operators(const Value& value);

// The filter's demand on _id, where it makes one at its top level, as ranges of keys.
struct IdBounds {
    bool present = false;              // there is one: the index on _id serves
    bool exact = false;                // only `keys` can match
    std::vector<std::string> keys;     // sorted
    std::optional<std::string> lower;  // inclusive
    std::optional<std::string> upper;  // inclusive
};
IdBounds id_bounds(View filter);

// Whether any value at the path (through arrays, as MongoDB walks them) satisfies the test.
bool any_at_path(View document, std::string_view path, const std::function<bool(const Value&)>& test);

}  // namespace halcyon::devstack::mongo
