// Documents for the tests of the render room.
#pragma once

#include <string>
#include <string_view>

#include "core/bson.hpp"
#include "core/document.hpp"

namespace halcyon::render::test {

inline Document document(std::string_view json) {
    auto made = Document::from_json(json);
    INFO(json);
    REQUIRE(made.has_value());
    return made.value();
}

/// {"a": {"0": {"0": .. {}}}} of so many documents; those inside are of the given type.
inline Document nested(unsigned levels, bson::Type inside = bson::Type::object) {
    std::string out;
    for (unsigned i = levels; i > 0; --i) {
        const std::uint32_t length =
            5 + 8 * (i - 1);  // each level: length, type, key, NUL, what is inside, NUL
        out.append(reinterpret_cast<const char*>(&length), sizeof length);
        if (i > 1) bson::append(out, inside, i == levels ? "a" : "0", {});
    }
    return Document::trusted(out.append(levels, '\0'));
}

}  // namespace halcyon::render::test
