// Texts to vectors by hashing their words: no model, no meaning. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/vector.hpp"

namespace halcyon::embed {

/// Part of an embedder's identity; goes up with every change that changes a vector.
inline constexpr std::string_view lexical_version = "lexical/1";

/// Features of a text: its words, pairs of neighbouring words, and pieces of 3 to 5 letters of each word;
/// characters and pairs of characters where a script has no spaces. Each is hashed to a place and a sign and
/// counts 1 + log(occurrences) times its weight; words that say little weigh little. The sum is scaled to
/// length 1 and printed with 7 digits after the point. All sums are of integers, so the text of a vector is
/// the same on every machine. A text without words is hashed by its bytes: no vector is zero.
///
/// Keeps its tables between texts: use one for many. Thread rule: one thread at a time.
class LexicalEncoder {
  public:
    /// REQUIRES: 16 <= dimension <= 4096.
    explicit LexicalEncoder(std::uint32_t dimension);
    EncodedVector encode(std::string_view text);

  private:
    enum class Weight : std::uint8_t { stop = 2, piece = 4, pair = 8, character = 8, word = 16 };
    struct Slot {
        std::uint64_t feature = 0;
        std::uint32_t round = 0;  // the slot is empty unless this is the current one
        std::uint32_t count : 27 = 0;
        std::uint32_t weight : 5 = 0;
    };
    struct Word;  // the word that is being read
    /// A word of the text: its features are added once for all its occurrences.
    struct Known {
        std::uint64_t hash;
        std::uint32_t count;
        std::uint32_t letters;  // where they begin in letters_
        std::uint8_t size;
        bool stop;
    };
    struct Place {
        std::uint32_t round = 0;  // empty unless this is the current one
        std::uint32_t known = 0;
    };

    void read(std::string_view text);
    void end_word(Word& word);
    bool remember(const Word& word);
    void add_known();
    void add_pieces(const char32_t* letters, std::size_t size, std::uint32_t times);
    void add(std::uint64_t feature, Weight weight, std::uint32_t times = 1);
    void grow();
    void settle();
    bool is_zero() const;
    EncodedVector print() const;

    std::vector<Slot> slots_;
    std::vector<std::uint32_t> used_;  // which slots hold features of this text
    std::uint32_t round_ = 0;
    std::vector<std::int64_t> sums_;
    bool remembers_ = true;
    std::vector<Known> known_;
    std::vector<Place> places_;  // of known_, by hash
    std::vector<char32_t> letters_;
    std::uint32_t known_round_ = 1;
};

}  // namespace halcyon::embed
