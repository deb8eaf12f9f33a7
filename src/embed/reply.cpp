#include "embed/reply.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <optional>

#include "embed/vector_text.hpp"

namespace halcyon::embed {
namespace {

namespace json = simdjson::ondemand;
using Vectors = std::vector<EncodedVector>;

auto broken(std::string_view why) {
    return fail(Verdict::retry, Cause::internal, fmt::format("the service's reply: {}", why));
}
auto broken(simdjson::error_code why) { return broken(simdjson::error_message(why)); }

/// An open document and the text that it looks into.
struct Opened {
    explicit Opened(std::string body) : text(std::move(body)) {
        text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
        error = parser.iterate(text.data(), text.size(), text.capacity()).get(document);
    }
    std::string text;
    json::parser parser;
    json::document document;
    simdjson::error_code error = simdjson::SUCCESS;
};

Result<EncodedVector> vector_of(json::value value) {
    json::array array;
    if (const auto error = value.get_array().get(array)) return broken(error);
    std::string_view raw;
    if (const auto error = array.raw_json().get(raw)) return broken(error);
    return read_vector(raw);
}

Result<Vectors> vectors_of(json::array rows, std::size_t count) {
    Vectors vectors;
    vectors.reserve(count);
    for (auto row : rows) {
        json::value value;
        if (const auto error = row.get(value)) return broken(error);
        HALCYON_TRY(auto vector, vector_of(value));
        vectors.push_back(std::move(vector));
        if (vectors.size() > count) break;
    }
    if (vectors.size() != count)
        return broken(
            fmt::format("{} vectors for {} texts", vectors.size() > count ? "too many" : "too few", count));
    return vectors;
}

struct Entry {
    std::optional<std::uint64_t> index;
    std::optional<EncodedVector> vector;
};

Result<Entry> entry_of(json::object object) {
    Entry entry;
    for (auto field : object) {
        std::string_view key;
        if (const auto error = field.unescaped_key().get(key)) return broken(error);
        if (key == "index") {
            std::uint64_t index = 0;
            if (const auto error = field.value().get_uint64().get(index)) return broken(error);
            entry.index = index;
        } else if (key == "embedding") {
            json::value value;
            if (const auto error = field.value().get(value)) return broken(error);
            HALCYON_TRY(auto vector, vector_of(value));
            entry.vector = std::move(vector);
        }
    }
    if (!entry.index || !entry.vector) return broken("an entry without index or embedding");
    return entry;
}

std::string one_line(std::string_view text) {
    std::string line(text.substr(0, 200));
    for (auto& c : line)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    return line;
}

std::optional<std::string> text_of(simdjson::simdjson_result<simdjson::dom::element> value) {
    std::string_view text;
    if (value.get(text)) return std::nullopt;
    return one_line(text);
}

}  // namespace

Result<Vectors> read_indexed_vectors(std::string body, std::size_t count) {
    Opened opened(std::move(body));
    if (opened.error) return broken(opened.error);
    json::array entries;
    if (const auto error = opened.document.find_field_unordered("data").get_array().get(entries))
        return broken(error);
    Vectors vectors(count);
    std::vector<bool> seen(count);
    std::size_t found = 0;
    for (auto row : entries) {
        json::object object;
        if (const auto error = row.get_object().get(object)) return broken(error);
        HALCYON_TRY(auto entry, entry_of(object));
        if (*entry.index >= count || seen[*entry.index])
            return broken(fmt::format("index {} is unasked for or there twice", *entry.index));
        seen[*entry.index] = true;
        vectors[*entry.index] = std::move(*entry.vector);
        ++found;
    }
    if (found != count) return broken(fmt::format("{} vectors for {} texts", found, count));
    return vectors;
}

Result<Vectors> read_named_vectors(std::string body, std::size_t count) {
    Opened opened(std::move(body));
    if (opened.error) return broken(opened.error);
    json::array rows;
    if (const auto error = opened.document.find_field_unordered("embeddings").get_array().get(rows))
        return broken(error);
    return vectors_of(rows, count);
}

Result<Vectors> read_bare_vectors(std::string body, std::size_t count) {
    // Nothing but vectors: a parser of JSON would look at each of their numbers once more.
    HALCYON_TRY(auto vectors, read_vectors(body));
    if (vectors.size() != count) return broken(fmt::format("{} vectors for {} texts", vectors.size(), count));
    return vectors;
}

// Not by the parser of vectors: that one is void after the first malformed place it meets.
std::string error_message(const std::string& body) {
    simdjson::dom::parser parser;
    simdjson::dom::element reply;
    if (!parser.parse(body).get(reply)) {
        if (auto text = text_of(reply["error"]["message"])) return *text;
        if (auto text = text_of(reply["error"])) return *text;
        if (auto text = text_of(reply["message"])) return *text;
    }
    return one_line(body);
}

}  // namespace halcyon::embed
