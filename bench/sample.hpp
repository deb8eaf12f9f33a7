// The document that the benches share: a product of about half a kilobyte.
#pragma once

#include <fmt/format.h>

#include <string>

#include "core/document.hpp"
#include "core/key.hpp"

namespace halcyon::bench {

/// `number` is part of its `_id` and of its text.
inline Document product(unsigned number = 7) {
    return Document::from_json(fmt::format(R"({{
        "_id": {{"$oid": "655f0f4d01020304{:08x}"}},
        "status": "active",
        "name": "Desk lamp number {} with a long arm",
        "description": "A bright lamp for every desk. It bends, it turns, and its light can be warm or cold.",
        "price": {{"$numberDouble": "49.9"}},
        "stock": {{"$numberInt": "17"}},
        "tags": ["lamp", "desk", "light"],
        "updatedAt": {{"$date": {{"$numberLong": "1767225600123"}}}},
        "seller": {{"name": "Lamps", "city": "Graz"}},
        "views": {{"$numberLong": "123456"}},
        "note": "0123456789012345678901234567890123456789"}})",
                                           number, number))
        .value();
}

inline DocumentKey key(unsigned number = 7) {
    return {{"shop", "products"}, DocId::of(product(number).bson()).value()};
}

}  // namespace halcyon::bench
