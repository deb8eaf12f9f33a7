// Which characters make words, and which of them count as equal. Tables of our own, so that the same text
// gives the same words on every machine. Pure.
#pragma once

#include <array>
#include <string_view>

namespace halcyon::embed {

struct Folded {
    enum class Kind {
        separator,
        ignored,   // a mark on the letter before it, or invisible
        letter,    // of a word (digits, too)
        unspaced,  // of a script without spaces between words (CJK, Thai, ..); also pictographs
    };
    Kind kind = Kind::separator;
    std::array<char32_t, 2>
        letters{};  // lower case, without accents (Latin, Greek, Cyrillic); the second may be 0
};

Folded fold(char32_t c);

/// The next character of UTF-8 text, which is moved on; U+0000 for each byte that is not UTF-8.
/// REQUIRES: the text is not empty.
char32_t next_code_point(std::string_view& text);

}  // namespace halcyon::embed
