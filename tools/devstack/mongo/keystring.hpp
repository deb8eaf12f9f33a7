// MongoDB's KeyString: bytes whose memcmp order is BSON's order of values, numbers of all types in one line.
// Resume tokens are KeyStrings too. Source of the form: recordings of a 4.2.8 server (see tests/fixtures) and
// the server's own documentation of it.
#pragma once

#include <string>

#include "devstack/mongo/bson.hpp"

namespace halcyon::devstack::mongo {

// What the order forgets: the types of numbers. Empty where all are int32.
class TypeBits {
  public:
    void bit(bool value);
    void number(unsigned kind);  // 0 int, 1 double, 2 long, 3 decimal
    bool all_zero() const { return !any_; }
    // As a token's `_typeBits` holds it.
    std::string encoded() const;

  private:
    std::string bytes_;
    unsigned count_ = 0;
    bool any_ = false;
};

// Appends a value. `bits` may be null where only the order counts.
void append_key(std::string& out, const Value& value, TypeBits* bits);
// Appends the elements of a document and its end.
void append_key(std::string& out, View document, TypeBits* bits);
void append_integer_key(std::string& out, std::int64_t value, TypeBits* bits);

inline std::string key_of(const Value& value) {
    std::string out;
    append_key(out, value, nullptr);
    return out;
}

// The bracket of types that $gt and its like stay within: the first byte of a canonical type.
unsigned canonical_type(Type type);
// Below zero, zero, above zero, in BSON's order.
int compare(const Value& a, const Value& b);
// Quick for the same type and bytes.
bool equal(const Value& a, const Value& b);

}  // namespace halcyon::devstack::mongo
