// BSON values in MongoDB's order.
#pragma once

#include <compare>

#include "core/bson.hpp"

namespace halcyon::render {

/// Documents and arrays nested deeper than this are refused.
inline constexpr unsigned max_depth = 100;

/// Types that compare by value have one rank: all numbers, string and symbol. MinKey is lowest, MaxKey
/// highest.
int type_rank(bson::Type type);

/// By rank, then by value; documents field by field (rank, name, value), arrays by position. `broken` becomes
/// true at malformed bytes and beyond max_depth; then the result means nothing.
std::weak_ordering compare(const bson::Value& a, const bson::Value& b, bool& broken);

}  // namespace halcyon::render
