#include "embed/stop_words.hpp"

#include <array>

namespace halcyon::embed {
namespace {

constexpr auto words = std::to_array<std::string_view>({
    "a",     "about", "after", "al",   "all",   "als",  "also", "am",    "an",    "and",   "any",  "are",
    "as",    "at",    "au",    "auch", "auf",   "aus",  "aux",  "avec",  "be",    "been",  "bei",  "but",
    "by",    "can",   "ce",    "ces",  "cette", "como", "con",  "could", "dans",  "das",   "dass", "de",
    "del",   "dem",   "den",   "der",  "des",   "did",  "die",  "do",    "does",  "du",    "ein",  "eine",
    "einem", "einen", "einer", "el",   "elle",  "en",   "er",   "es",    "est",   "et",    "for",  "from",
    "fur",   "had",   "has",   "have", "he",    "her",  "his",  "how",   "i",     "if",    "ihr",  "il",
    "ils",   "im",    "in",    "into", "is",    "ist",  "it",   "its",   "la",    "las",   "le",   "les",
    "lo",    "los",   "mas",   "me",   "mit",   "more", "my",   "nach",  "ne",    "nicht", "no",   "not",
    "nous",  "o",     "oder",  "of",   "on",    "or",   "ou",   "our",   "out",   "par",   "para", "pas",
    "pero",  "por",   "pour",  "que",  "qui",   "se",   "she",  "sich",  "sie",   "sind",  "so",   "some",
    "son",   "sont",  "su",    "such", "sur",   "sus",  "than", "that",  "the",   "their", "them", "then",
    "there", "these", "they",  "this", "to",    "un",   "una",  "und",   "une",   "unos",  "up",   "von",
    "vous",  "war",   "was",   "we",   "were",  "what", "when", "where", "which", "who",   "wie",  "will",
    "wir",   "with",  "would", "y",    "you",   "your", "zu",   "zum",   "zur",
});

}  // namespace

std::span<const std::string_view> stop_words() { return words; }

}  // namespace halcyon::embed
