#include "embed/fold.hpp"

#include <catch2/catch.hpp>

using namespace halcyon::embed;
using Kind = Folded::Kind;

TEST_CASE("letters fold to their base, lower case") {
    const auto base = [](char32_t c) { return fold(c).letters[0]; };
    CHECK(base(U'A') == U'a');
    CHECK(base(U'7') == U'7');
    CHECK(base(U'Ä') == U'a');
    CHECK(base(U'ÿ') == U'y');
    CHECK(base(U'Ł') == U'l');
    CHECK(base(U'İ') == U'i');
    CHECK(base(U'Ș') == U's');
    CHECK(base(U'Ế') == U'e');
    CHECK(fold(U'Æ').letters == std::array<char32_t, 2>{U'a', U'e'});
    CHECK(fold(U'ẞ').letters == std::array<char32_t, 2>{U's', U's'});
    CHECK(base(U'Σ') == U'σ');
    CHECK(base(U'ς') == U'σ');
    CHECK(base(U'Ώ') == U'ω');
    CHECK(base(U'Я') == U'я');
    CHECK(base(U'Ѓ') == U'г');
    CHECK(base(U'Ґ') == U'ґ');
    CHECK(base(U'א') == U'א');
}

TEST_CASE("every character has exactly one kind, and folding twice changes nothing") {
    for (char32_t c = 0; c < 0x30000; ++c) {
        const auto folded = fold(c);
        if (folded.kind == Kind::letter || folded.kind == Kind::unspaced) {
            if (folded.letters[0] == 0) FAIL("U+" << std::hex << static_cast<std::uint32_t>(c));
            for (const auto letter : folded.letters)
                if (letter != 0 && fold(letter).letters[0] != letter)
                    FAIL("U+" << std::hex << static_cast<std::uint32_t>(c));
        } else if (folded.letters[0] != 0) {
            FAIL("U+" << std::hex << static_cast<std::uint32_t>(c));
        }
    }
    CHECK(fold(U' ').kind == Kind::separator);
    CHECK(fold(U'_').kind == Kind::separator);
    CHECK(fold(U'×').kind == Kind::separator);
    CHECK(fold(U'。').kind == Kind::separator);
    CHECK(fold(U'\u00AD').kind == Kind::ignored);
    CHECK(fold(U'\u200D').kind == Kind::ignored);
    CHECK(fold(U'中').kind == Kind::unspaced);
    CHECK(fold(U'한').kind == Kind::unspaced);
    CHECK(fold(U'ไ').kind == Kind::unspaced);
}

TEST_CASE("characters are read from UTF-8, and bytes that are none are passed one by one") {
    std::string_view text = "a\xC3\xA9\xE4\xBD\xA0\xF0\x9F\x8E\x89";
    for (const char32_t c : {U'a', U'é', U'你', U'🎉'}) CHECK(next_code_point(text) == c);
    CHECK(text.empty());
    for (std::string_view bad :
         {std::string_view("\x80"), std::string_view("\xC0\xAF"), std::string_view("\xED\xA0\x80"),
          std::string_view("\xF4\x90\x80\x80"), std::string_view("\xE4\xBD"),
          std::string_view("\xE0\x80\x80"), std::string_view("\xFF")}) {
        const auto size = bad.size();
        std::size_t steps = 0;
        for (; !bad.empty(); ++steps) CHECK(next_code_point(bad) == U'\0');
        CHECK(steps == size);
    }
}
