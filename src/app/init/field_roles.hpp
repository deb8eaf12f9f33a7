// What a field is good for, from what is known of it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "app/init/field_stats.hpp"

namespace halcyon::app::init {

struct FieldRole {
    enum class Kind {
        text,      // worth searching
        payload,   // comes back with a hit
        left_out,  // neither
        nothing,   // neither, and not worth a word: `_id`
    } kind = Kind::nothing;
    /// Of a text: names that promise most come first. 0 is best.
    unsigned rank = 0;
    /// Of payload: Qdrant's index type that makes it a filter (keyword, integer, float, bool, datetime, geo);
    /// empty: none. A text that is short enough to come back too has none.
    std::string index{};
    /// Of left_out: a reason that goes behind "Left out: NAME".
    std::string why{};
};

/// `documents`: how many were looked at. Secrets and personal data, by name or by what they look like, are
/// never text or payload; ids, URLs and codes are never text.
FieldRole role_of(const FieldStats& field, std::uint64_t documents);

/// Passwords, tokens, card numbers and the like, by the names on the way: "user.apiKey".
bool names_a_secret(std::string_view path);

}  // namespace halcyon::app::init
