#include "embed/fold.hpp"

#include <array>

namespace halcyon::embed {
namespace {

using Kind = Folded::Kind;

constexpr Folded letter(char32_t c) { return {Kind::letter, {c, 0}}; }
constexpr Folded letters(char32_t a, char32_t b) { return {Kind::letter, {a, b}}; }
constexpr Folded separator{Kind::separator, {0, 0}};
constexpr Folded ignored{Kind::ignored, {0, 0}};

// Base letters of U+00C0..U+024F and U+1E00..U+1EFF: the first letter of the canonical decomposition of the
// lower case (Unicode 15), and for letters with a stroke the letter below it. "." stays as it is, " "
// separates, 1..5 are ss, ae, oe, th, ij.
constexpr char32_t latin_first = 0xC0;
constexpr std::string_view latin =
    "aaaaaa2ceeeeiiiidnooooo ouuuuy41aaaaaa2ceeeeiiiidnooooo ouuuuy4yaaaaaaccccccccdd"
    "ddeeeeeeeeeegggggggghhhhiiiiiiiiii55jjkkkllllllllllnnnnnnnnnoooooo33rrrrrrssssss"
    "ssttttttuuuuuuuuuuuuwwyyyzzzzzzsbb............ee.ff.....kkl.....oo.............u"
    "u..yyzz......................aaiioouuuuuuuuuueaaaa22ggggkkoooo..j...gg..nnaa22oo"
    "aaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy...j.....l.....b............";
constexpr char32_t latin_additional_first = 0x1E00;
constexpr std::string_view latin_additional =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooo"
    "oooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy.s..1."
    "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuu"
    "uuyyyyyyyy......";
static_assert(latin.size() == 0x250 - 0xC0 && latin_additional.size() == 0x100);

struct Range {
    char32_t first;
    char32_t last;
};

template <std::size_t N>
constexpr bool in(const std::array<Range, N>& ranges, char32_t c) {
    for (const auto& r : ranges)
        if (c >= r.first && c <= r.last) return true;
    return false;
}

// Marks that only modify the letter before them, and what is invisible.
constexpr std::array<Range, 19> ignorable{{{0x00AD, 0x00AD},
                                           {0x0300, 0x036F},
                                           {0x0483, 0x0489},
                                           {0x0591, 0x05BD},
                                           {0x05BF, 0x05BF},
                                           {0x05C1, 0x05C2},
                                           {0x05C4, 0x05C5},
                                           {0x05C7, 0x05C7},
                                           {0x0610, 0x061A},
                                           {0x0640, 0x0640},
                                           {0x064B, 0x065F},
                                           {0x0670, 0x0670},
                                           {0x1AB0, 0x1AFF},
                                           {0x1DC0, 0x1DFF},
                                           {0x200B, 0x200F},
                                           {0x2060, 0x2064},
                                           {0x20D0, 0x20FF},
                                           {0xFE00, 0xFE0F},
                                           {0xFE20, 0xFE2F}}};

constexpr std::array<Range, 19> punctuation{{{0x02C2, 0x02DF},
                                             {0x037E, 0x037E},
                                             {0x0387, 0x0387},
                                             {0x055A, 0x055F},
                                             {0x0589, 0x058A},
                                             {0x05BE, 0x05BE},
                                             {0x05C0, 0x05C6},
                                             {0x05F3, 0x05F4},
                                             {0x0600, 0x060F},
                                             {0x061B, 0x061F},
                                             {0x066A, 0x066D},
                                             {0x06D4, 0x06D4},
                                             {0x0964, 0x0965},
                                             {0x2000, 0x206F},
                                             {0x20A0, 0x20CF},
                                             {0x2E00, 0x2E7F},
                                             {0x3000, 0x3004},
                                             {0x3008, 0x3020},
                                             {0xFEFF, 0xFEFF}}};

// Scripts that are written without spaces between words, and symbols that are words by themselves.
constexpr std::array<Range, 16> unspaced{{{0x0E00, 0x0EFF},
                                          {0x1000, 0x109F},
                                          {0x1100, 0x11FF},
                                          {0x1780, 0x17FF},
                                          {0x2190, 0x2BFF},
                                          {0x2E80, 0x2FDF},
                                          {0x3005, 0x3007},
                                          {0x3021, 0x312F},
                                          {0x3130, 0x318F},
                                          {0x31A0, 0x33FF},
                                          {0x3400, 0x4DBF},
                                          {0x4E00, 0x9FFF},
                                          {0xAC00, 0xD7FF},
                                          {0xF900, 0xFAFF},
                                          {0x1F000, 0x1FAFF},
                                          {0x20000, 0x3FFFF}}};

Folded from_table(char entry, char32_t c) {
    switch (entry) {
        case '.':
            return letter(c);
        case ' ':
            return separator;
        case '1':
            return letters('s', 's');
        case '2':
            return letters('a', 'e');
        case '3':
            return letters('o', 'e');
        case '4':
            return letters('t', 'h');
        case '5':
            return letters('i', 'j');
        default:
            return letter(static_cast<char32_t>(entry));
    }
}

char32_t greek(char32_t c) {
    switch (c) {
        case 0x386:
        case 0x3AC:
            return 0x3B1;
        case 0x388:
        case 0x3AD:
            return 0x3B5;
        case 0x389:
        case 0x3AE:
            return 0x3B7;
        case 0x38A:
        case 0x390:
        case 0x3AA:
        case 0x3AF:
        case 0x3CA:
            return 0x3B9;
        case 0x38C:
        case 0x3CC:
            return 0x3BF;
        case 0x38E:
        case 0x3AB:
        case 0x3B0:
        case 0x3CB:
        case 0x3CD:
            return 0x3C5;
        case 0x38F:
        case 0x3CE:
            return 0x3C9;
        case 0x3C2:
            return 0x3C3;
        default:
            return c >= 0x391 && c <= 0x3A9 && c != 0x3A2 ? c + 32 : c;
    }
}

char32_t cyrillic(char32_t c) {
    if (c <= 0x40F)
        c += 80;
    else if (c <= 0x42F)
        c += 32;
    switch (c) {
        case 0x450:
        case 0x451:
            return 0x435;
        case 0x439:
        case 0x45D:
            return 0x438;
        case 0x453:
            return 0x433;
        case 0x457:
            return 0x456;
        case 0x45C:
            return 0x43A;
        case 0x45E:
            return 0x443;
        default:
            break;
    }
    if (c == 0x4C0) return 0x4CF;
    if (c >= 0x4C1 && c <= 0x4CE) return c + (c & 1U);
    const bool paired =
        (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F);
    return paired ? c | 1U : c;
}

constexpr std::array<char, 128> make_ascii() {
    std::array<char, 128> table{};
    for (char c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = c;
    for (char c = 'a'; c <= 'z'; ++c) {
        table[static_cast<std::size_t>(c)] = c;
        table[static_cast<std::size_t>(c - 'a' + 'A')] = c;
    }
    return table;
}
constexpr auto ascii = make_ascii();

Folded fold_ascii(char32_t c) { return ascii[c] != 0 ? letter(static_cast<char32_t>(ascii[c])) : separator; }

Folded fold_latin_1(char32_t c) {
    if (c == 0xAD) return ignored;
    if (c == 0xAA) return letter('a');
    if (c == 0xBA) return letter('o');
    if (c == 0xB5) return letter(0x3BC);
    return separator;
}

}  // namespace

Folded fold(char32_t c) {
    if (c < 0x80) return fold_ascii(c);
    if (c < latin_first) return fold_latin_1(c);
    if (c < 0x250) return from_table(latin[c - latin_first], c);
    if (in(ignorable, c)) return ignored;
    if (in(punctuation, c)) return separator;
    if (c >= 0x370 && c < 0x400) return letter(greek(c));
    if (c >= 0x400 && c < 0x530) return letter(cyrillic(c));
    if (c >= 0x1E00 && c < 0x1F00) return from_table(latin_additional[c - latin_additional_first], c);
    if (c >= 0xFF01 && c <= 0xFF5E) return fold_ascii(c - 0xFF01 + 0x21);
    if (in(unspaced, c) || (c >= 0xFF66 && c <= 0xFF9F)) return {Kind::unspaced, {c, 0}};
    if (c >= 0xFE30 && c <= 0xFFFF) return separator;
    return letter(c);
}

char32_t next_code_point(std::string_view& text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const char32_t first = at(0);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xC2 ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF5 ? 4
                                              : 0;
    char32_t c = length == 1 ? first : first & (0xFFU >> (length + 1));
    bool good = length > 0 && length <= text.size();
    for (std::size_t i = 1; good && i < length; ++i) {
        good = (at(i) & 0xC0U) == 0x80U;
        c = (c << 6) | (at(i) & 0x3FU);
    }
    good = good && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF) && (length < 3 || c >= 0x800) &&
           (length < 4 || c >= 0x10000);
    text.remove_prefix(good ? length : 1);
    return good ? c : U'\0';
}

}  // namespace halcyon::embed
