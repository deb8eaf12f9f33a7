#include "embed/lexical.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "embed/fold.hpp"
#include "embed/stop_words.hpp"

namespace halcyon::embed {
namespace {

constexpr std::size_t first_slots = 4096;
constexpr std::size_t most_features =
    65536;  // bounds the memory of a huge text: counts begin anew after that many
constexpr std::size_t longest_word = 64;  // longer ones are cut into several
constexpr std::size_t known_places = 1024;
constexpr std::size_t most_known = 512;
// Texts up to here have less than `most_features` (three pieces to a letter, a word and a pair to two), so
// that the order in which features are added means nothing.
constexpr std::size_t remembered_text = 16 * 1024;
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

/// Hashes of the stop words at the first free place from their lowest bits on; 0: free.
struct StopTable {
    static constexpr std::size_t size = 1024;
    std::array<std::uint64_t, size> hashes{};

    StopTable() {
        for (const auto word : stop_words()) {
            const auto hash = hash_of_word(word);
            hashes[place(hash)] = hash;
        }
    }
    bool has(std::uint64_t hash) const { return hashes[place(hash)] == hash; }
    std::size_t place(std::uint64_t hash) const {
        auto at = hash % size;
        while (hashes[at] != 0 && hashes[at] != hash) at = (at + 1) % size;
        return at;
    }
};

bool is_stop_word(std::uint64_t hash) {
    static const StopTable table;
    return hash != 0 && table.has(hash);
}

constexpr auto two_digits = [] {
    std::array<char, 200> text{};
    for (std::size_t n = 0; n < 100; ++n) {
        text[2 * n] = static_cast<char>('0' + n / 10);
        text[2 * n + 1] = static_cast<char>('0' + n % 10);
    }
    return text;
}();

constexpr std::size_t longest_number = 12;  // with its comma, and what is written and taken back

/// "0.0123", without zeros at the end; the value is in ten-millionths. Returns where it ends.
/// REQUIRES: `longest_number` bytes at `out`.
char* write_number(char* out, std::int64_t value) {
    *out = '-';
    out += value < 0 ? 1 : 0;
    const auto rest = static_cast<std::uint64_t>(std::abs(value));
    if (rest == 0 || rest >= printed_one) {
        *out = rest == 0 ? '0' : '1';
        return out + 1;
    }
    const auto high = rest / 10'000;
    const auto low = rest % 10'000;
    std::array<char, 8> digits{'.', static_cast<char>('0' + high / 100)};
    std::memcpy(&digits[2], &two_digits[high % 100 * 2], 2);
    std::memcpy(&digits[4], &two_digits[low / 100 * 2], 2);
    std::memcpy(&digits[6], &two_digits[low % 100 * 2], 2);
    std::size_t length = digits.size();
    while (digits[length - 1] == '0') --length;
    *out = '0';
    std::memcpy(out + 1, digits.data(), digits.size());
    return out + 1 + length;
}

/// As std::llround, for what has no more than 53 bits.
std::int64_t rounded(double value) {
    const auto whole = static_cast<std::int64_t>(value);
    const auto rest = value - static_cast<double>(whole);
    return whole + (rest >= 0.5 ? 1 : 0) - (rest <= -0.5 ? 1 : 0);
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

LexicalEncoder::LexicalEncoder(std::uint32_t dimension)
    : slots_(first_slots), sums_(dimension), places_(known_places) {}

void LexicalEncoder::add(std::uint64_t feature, Weight weight, std::uint32_t times) {
    feature = mix(feature);
    const auto mask = slots_.size() - 1;
    for (auto at = feature & mask;; at = (at + 1) & mask) {
        auto& slot = slots_[at];
        if (slot.round != round_) {
            slot = {feature, round_, times, static_cast<std::uint8_t>(weight)};
            used_.push_back(static_cast<std::uint32_t>(at));
            break;
        }
        if (slot.feature == feature) {
            slot.count += times;
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
        const auto value = std::int64_t{slot.weight} * (slot.count == 1 ? 1024 : sublinear(slot.count));
        const auto sign =
            static_cast<std::int64_t>(slot.feature & 1U) - 1;  // 0 or -1: no branch that nobody can foretell
        sums_[place] += (value ^ sign) - sign;
    }
    used_.clear();
    if (++round_ == 0) {
        std::ranges::fill(slots_, Slot{});
        round_ = 1;
    }
}

/// `letters` have the marks of begin and end around them.
void LexicalEncoder::add_pieces(const char32_t* letters, std::size_t size, std::uint32_t times) {
    for (std::size_t from = 0; from + 3 <= size; ++from) {
        auto h = step(step(piece_seed, letters[from]), letters[from + 1]);
        const auto end = std::min(from + 5, size);
        for (auto i = from + 2; i < end; ++i) {
            h = step(h, letters[i]);
            add(h, Weight::piece, times);
        }
    }
}

/// Counts the word; true: it is a stop word.
bool LexicalEncoder::remember(const Word& word) {
    for (auto at = word.hash % known_places;; at = (at + 1) % known_places) {
        auto& place = places_[at];
        if (place.round == known_round_) {
            auto& known = known_[place.known];
            if (known.hash != word.hash) continue;
            ++known.count;
            return known.stop;
        }
        place = {known_round_, static_cast<std::uint32_t>(known_.size())};
        break;
    }
    const bool stop = is_stop_word(word.hash);
    known_.push_back({word.hash, 1, static_cast<std::uint32_t>(letters_.size()),
                      static_cast<std::uint8_t>(word.size), stop});
    letters_.insert(letters_.end(), word.letters.begin(), word.letters.begin() + word.size);
    if (known_.size() >= most_known) add_known();
    return stop;
}

/// Adds the features of the words that were counted, and forgets them.
void LexicalEncoder::add_known() {
    for (const auto& k : known_) {
        add(k.hash, k.stop ? Weight::stop : Weight::word, k.count);
        if (!k.stop) add_pieces(letters_.data() + k.letters, k.size, k.count);
    }
    known_.clear();
    letters_.clear();
    if (++known_round_ == 0) {
        std::ranges::fill(places_, Place{});
        known_round_ = 1;
    }
}

void LexicalEncoder::end_word(Word& word) {
    if (word.size == 1) return;
    word.letters[word.size++] = word_end;
    const bool stop = remembers_ ? remember(word) : is_stop_word(word.hash);
    if (!remembers_) add(word.hash, stop ? Weight::stop : Weight::word);
    if (word.before != 0)
        add(step(step(pair_seed, word.before), word.hash),
            stop || word.before_is_stop ? Weight::stop : Weight::pair);
    if (!remembers_ && !stop) add_pieces(word.letters.data(), word.size, 1);
    word.before = word.hash;
    word.before_is_stop = stop;
    word.size = 1;
    word.hash = word_seed;
}

void LexicalEncoder::read(std::string_view text) {
    Word word;
    remembers_ = text.size() <= remembered_text;
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
    add_known();
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
    vector.json.resize(sums_.size() * longest_number + 1);
    auto* out = vector.json.data();
    *out++ = '[';
    for (const auto sum : sums_) {
        out = write_number(out, rounded(static_cast<double>(sum) * scale));
        *out++ = ',';
    }
    out[-1] = ']';
    vector.json.resize(static_cast<std::size_t>(out - vector.json.data()));
    return vector;
}

}  // namespace halcyon::embed
