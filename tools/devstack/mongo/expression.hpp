// Aggregation expressions: the few that filters, projections and groups of halcyon and of tests use. Others
// are refused.
#pragma once

#include <functional>

#include "devstack/mongo/bson.hpp"

namespace halcyon::devstack::mongo {

class Expression {
  public:
    // Throws CommandError for an operator that it doesn't know.
    explicit Expression(const Value& value);
    // A missing value has the type `end`.
    OwnedValue evaluate(View document) const { return evaluate_(document); }

  private:
    std::function<OwnedValue(View)> evaluate_;
};

}  // namespace halcyon::devstack::mongo
