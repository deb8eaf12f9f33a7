// The numbers of BSON as MongoDB compares them: by value, across types.
#pragma once

#include <compare>
#include <cstdint>

#include "core/bson.hpp"

namespace halcyon::bson {

/// A number in its one form: int64 where integral and in range, else double where exact (also NaN and the
/// infinities), else a decimal without trailing zeros. -0.0 is 0.
struct Number {
    enum class Kind { int64, real, decimal } kind = Kind::int64;
    std::int64_t int64 = 0;
    double real = 0;
    bool negative = false;
    unsigned __int128 coefficient = 0;
    int exponent = 0;

    /// REQUIRES: value.is_number().
    static Number of(Value value);
    bool is_nan() const { return kind == Kind::real && real != real; }
    /// Appends it as a field of type int64, double or decimal128.
    void append_to(std::string& out, std::string_view key) const;
};

/// By value; NaN equals NaN and is below everything. A double and a decimal that differ only after the 34th
/// digit are equal, as in MongoDB.
std::weak_ordering compare(const Number& a, const Number& b);

}  // namespace halcyon::bson
