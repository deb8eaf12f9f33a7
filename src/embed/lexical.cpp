#include "embed/lexical.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "embed/fold.hpp"
#include "embed/stop_words.hpp"

namespace halcyon::embed {
namespace {

constexpr std::size_t first_slots = 4096;
constexpr std::size_t most_features =
    65536;  // bounds the memory of a huge text: counts begin anew after that many
constexpr std::size_t longest_word = 64;  // longer ones are cut into several
constexpr std::int64_t printed_one = 10'000'000;

// Different starts keep the kinds of features apart.
constexpr std::uint64_t word_seed = 0x5851F42D4C957F2DULL;
constexpr std::uint64_t piece_seed = 0x14057B7EF767814FULL;
constexpr std::uint64_t pair_seed = 0xD1342543DE82EF95ULL;
constexpr std::uint64_t character_seed = 0x2545F4914F6CDD1DULL;
constexpr std::uint64_t byte_seed = 0x9FB21C651E98DF25ULL;
constexpr char32_t word_begin = 2;
constexpr char32_t word_end = 3;

constexpr std::uint64_t step(std::uint64_t h, std::uint64_t c) {
    h = (h ^ c) * 0x9E3779B97F4A7C15ULL;
    return h ^ (h >> 32);
}

/// All bits of the result depend on all bits of `h` (the finalizer of SplitMix64).
constexpr std::uint64_t mix(std::uint64_t h) {
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9ULL;
    h = (h ^ (h >> 27)) * 0x94D049BB133111EBULL;
    return h ^ (h >> 31);
}

/// 1024 (1 + ln n), with the logarithm interpolated between powers of two: integers only.
constexpr std::int64_t sublinear(std::uint32_t n) {
    const auto octave = static_cast<std::uint32_t>(std::bit_width(n)) - 1;
    const std::uint64_t fraction = ((std::uint64_t{n} << 16) >> octave) - 65536;
    return 1024 + static_cast<std::int64_t>(((std::uint64_t{octave} << 16) + fraction) * 710 >> 16);
}
static_assert(sublinear(1) == 1024 && sublinear(2) == 1734 && sublinear(4) == 2444);

std::uint64_t hash_of_word(std::string_view word) {
    auto h = word_seed;
    for (const char c : word) h = step(h, static_cast<unsigned char>(c));
    return h;
}

bool is_stop_word(std::uint64_t hash) {
    static const auto hashes = [] {
        std::vector<std::uint64_t> all;
        for (const auto word : stop_words()) all.push_back(hash_of_word(word));
        std::ranges::sort(all);
        return all;
    }();
    return std::ranges::binary_search(hashes, hash);
}

/// "0.0123", without zeros at the end; the value is in ten-millionths.
void append_number(std::string& out, std::int64_t value) {
    if (value < 0) out += '-';
    auto rest = static_cast<std::uint64_t>(std::abs(value));
    if (rest == 0 || rest >= printed_one) {
        out += rest == 0 ? '0' : '1';
        return;
    }
    std::array<char, 9> digits{'0', '.'};
    for (std::size_t i = 8; i > 1; --i, rest /= 10) digits[i] = static_cast<char>('0' + rest % 10);
    std::size_t length = digits.size();
    while (digits[length - 1] == '0') --length;
    out.append(digits.data(), length);
}

}  // namespace

struct LexicalEncoder::Word {
    std::array<char32_t, longest_word + 2> letters{word_begin};
    std::size_t size = 1;
    std::uint64_t hash = word_seed;
    std::uint64_t before = 0;  // the word before this one; 0: none
    bool before_is_stop = false;
    std::uint64_t character_before = 0;  // in a script without spaces; 0: none
};

LexicalEncoder::LexicalEncoder(std::uint32_t dimension) : slots_(first_slots), sums_(dimension) {}

void LexicalEncoder::add(std::uint64_t feature, Weight weight) {
    feature = mix(feature);
    const auto mask = slots_.size() - 1;
    for (auto at = feature & mask;; at = (at + 1) & mask) {
        auto& slot = slots_[at];
        if (slot.round != round_) {
            slot = {feature, round_, 1, weight};
            used_.push_back(static_cast<std::uint32_t>(at));
            break;
        }
        if (slot.feature == feature) {
            ++slot.count;
            return;
        }
    }
    if (used_.size() >= most_features)
        settle();
    else if (used_.size() * 2 > slots_.size())
        grow();
}

void LexicalEncoder::grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    const auto mask = slots_.size() - 1;
    for (auto& from : used_) {
        const auto& slot = old[from];
        auto at = slot.feature & mask;
        while (slots_[at].round == round_) at = (at + 1) & mask;
        slots_[at] = slot;
        from = static_cast<std::uint32_t>(at);
    }
}

/// Adds what was counted to the sums, and counts from zero again.
void LexicalEncoder::settle() {
    for (const auto at : used_) {
        const auto& slot = slots_[at];
        const auto place = ((slot.feature >> 32) * sums_.size()) >> 32;
        const auto value = static_cast<std::int64_t>(slot.weight) * sublinear(slot.count);
        sums_[place] += (slot.feature & 1U) != 0 ? value : -value;
    }
    used_.clear();
    if (++round_ == 0) {
        std::ranges::fill(slots_, Slot{});
        round_ = 1;
    }
}

void LexicalEncoder::add_pieces(const Word& word) {
    for (std::size_t from = 0; from + 3 <= word.size; ++from) {
        auto h = step(step(piece_seed, word.letters[from]), word.letters[from + 1]);
        const auto end = std::min(from + 5, word.size);
        for (auto i = from + 2; i < end; ++i) {
            h = step(h, word.letters[i]);
            add(h, Weight::piece);
        }
    }
}

void LexicalEncoder::end_word(Word& word) {
    if (word.size == 1) return;
    const bool stop = is_stop_word(word.hash);
    add(word.hash, stop ? Weight::stop : Weight::word);
    if (word.before != 0)
        add(step(step(pair_seed, word.before), word.hash),
            stop || word.before_is_stop ? Weight::stop : Weight::pair);
    if (!stop) {
        word.letters[word.size++] = word_end;
        add_pieces(word);
    }
    word.before = word.hash;
    word.before_is_stop = stop;
    word.size = 1;
    word.hash = word_seed;
}

void LexicalEncoder::read(std::string_view text) {
    Word word;
    while (!text.empty()) {
        const auto folded = fold(next_code_point(text));
        if (folded.kind == Folded::Kind::letter) {
            word.character_before = 0;
            for (const auto c : folded.letters) {
                if (c == 0) break;
                if (word.size > longest_word) end_word(word);
                word.letters[word.size++] = c;
                word.hash = step(word.hash, c);
            }
        } else if (folded.kind == Folded::Kind::unspaced) {
            end_word(word);
            word.before = 0;
            const auto c = step(character_seed, folded.letters[0]);
            add(c, Weight::character);
            if (word.character_before != 0) add(step(word.character_before, folded.letters[0]), Weight::word);
            word.character_before = c;
        } else if (folded.kind == Folded::Kind::separator) {
            end_word(word);
            word.character_before = 0;
        }
    }
    end_word(word);
}

bool LexicalEncoder::is_zero() const {
    return std::ranges::all_of(sums_, [](std::int64_t sum) { return sum == 0; });
}

EncodedVector LexicalEncoder::encode(std::string_view text) {
    settle();
    std::ranges::fill(sums_, 0);
    read(text);
    settle();
    if (is_zero()) {
        // No words, or features that cancel each other.
        auto whole = byte_seed;
        for (const char c : text) {
            whole = step(whole, static_cast<unsigned char>(c));
            add(step(byte_seed, static_cast<unsigned char>(c)), Weight::character);
        }
        settle();
        if (is_zero()) add(whole, Weight::word);
        settle();
    }
    return print();
}

EncodedVector LexicalEncoder::print() const {
    unsigned __int128 squares = 0;
    for (const auto sum : sums_) squares += static_cast<unsigned __int128>(static_cast<__int128>(sum) * sum);
    const double scale = static_cast<double>(printed_one) / std::sqrt(static_cast<double>(squares));
    EncodedVector vector;
    vector.dimension = static_cast<std::uint32_t>(sums_.size());
    vector.json.reserve(sums_.size() * 11 + 2);
    vector.json += '[';
    for (const auto sum : sums_) {
        if (vector.json.size() > 1) vector.json += ',';
        append_number(vector.json, std::llround(static_cast<double>(sum) * scale));
    }
    vector.json += ']';
    return vector;
}

}  // namespace halcyon::embed
