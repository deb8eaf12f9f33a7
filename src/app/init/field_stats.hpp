// What a sample of documents says about each of its fields. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/document.hpp"

namespace halcyon::app::init {

/// What a string is for, as far as its letters tell.
enum class Look {
    words,  // anything else
    url,
    email,
    date,  // RFC 3339, with or without a time of day: what Qdrant's datetime index reads
    id,    // a UUID or an ObjectId in hexadecimal
    code,  // hashes, tokens, encoded data: long, without blanks, letters and digits mixed
};
Look look_of(std::string_view text);

struct FieldStats {
    std::string path;  // "price", "seller.city"
    /// Documents in which it holds something other than null; the counts of types add up to it.
    std::uint64_t documents = 0;
    std::uint64_t strings = 0, integers = 0, reals = 0, booleans = 0, dates = 0;
    std::uint64_t ids = 0;           // ObjectIds, binary UUIDs
    std::uint64_t points = 0;        // GeoJSON points
    std::uint64_t string_lists = 0;  // arrays of strings, at least one
    std::uint64_t decimals = 0;
    std::uint64_t others = 0;  // binary data, other arrays, ..

    // Of the strings, also those in lists.
    std::uint64_t texts = 0;
    std::uint64_t characters = 0, not_ascii = 0, words = 0;
    std::uint64_t longest = 0;  // characters
    std::uint64_t urls = 0, emails = 0, dated = 0, id_texts = 0, codes = 0;
    std::unordered_set<std::size_t> distinct;  // hashes of texts

    double mean_characters() const { return share(characters, texts); }
    double mean_words() const { return share(words, texts); }
    /// 1: no text occurs twice.
    double distinct_share() const { return share(distinct.size(), texts); }

    static double share(std::uint64_t part, std::uint64_t whole) {
        return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
    }
};

/// Fields of two levels, in the order of their first appearance; at most 1,000. Left out: names that no path
/// can say without doubt (with a dot, beginning with $, or a number). Documents that are malformed count up
/// to that place.
std::vector<FieldStats> field_stats(const std::vector<Document>& documents);

}  // namespace halcyon::app::init
