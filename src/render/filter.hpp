// Which documents belong to a route: MongoDB's query operators that need no index.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace halcyon::render {

/// $eq $ne $in $nin $gt $gte $lt $lte $exists $and $or $not as MongoDB has them: an array matches with any
/// element or as a whole, null also means missing, values of different types do not compare (numbers do).
/// One difference: `{"a.5": null}` matches an array `a` with fewer elements. Immutable; any thread.
class Filter {
  public:
    /// From extended JSON; empty: every document. Errors: reject/invalid with what is wrong.
    static Result<Filter> compile(std::string_view json);

    /// Errors: reject/invalid when malformed or too deeply nested bytes are met.
    Result<bool> matches(std::string_view document) const;
    /// Of its meaning: white space in the JSON changes nothing.
    Digest digest() const;

  private:
    struct Compiled;
    std::shared_ptr<const Compiled> compiled_;  // nothing: every document
};

}  // namespace halcyon::render
