#include "app/init/field_stats.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/bson.hpp"
#include "core/utf8.hpp"

namespace halcyon::app::init {
namespace {

using bson::Type;

constexpr std::size_t most_fields = 1'000;
constexpr std::size_t shortest_code = 16;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool hex(char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// `shape`: 0 stands for a digit, anything else for itself.
bool shaped(std::string_view text, std::string_view shape) {
    return text.size() >= shape.size() &&
           std::equal(shape.begin(), shape.end(), text.begin(),
                      [](char want, char is) { return want == '0' ? digit(is) : want == is; });
}

bool is_date(std::string_view text) {
    if (!shaped(text, "0000-00-00")) return false;
    if (text.size() == 10) return true;
    return shaped(text, "0000-00-00T00:00") || shaped(text, "0000-00-00 00:00");
}

bool is_id(std::string_view text) {
    if (text.size() == 24) return std::ranges::all_of(text, hex) && std::ranges::any_of(text, digit);
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !hex(text[i])) return false;
    }
    return true;
}

bool is_email(std::string_view text) {
    const auto at = text.find('@');
    return at != std::string_view::npos && at > 0 && text.find('.', at) != std::string_view::npos &&
           std::ranges::none_of(text, blank) && text.find('@', at + 1) == std::string_view::npos;
}

bool is_code(std::string_view text) {
    if (text.starts_with("data:") || text.starts_with("-----BEGIN ")) return true;
    if (text.size() < shortest_code || !std::ranges::any_of(text, digit)) return false;
    return std::ranges::any_of(text, letter) &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_url(std::string_view text) {
    const auto scheme = text.find("://");
    return (scheme != std::string_view::npos && scheme > 0 && scheme < 12 &&
            std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(scheme), letter) &&
            std::ranges::none_of(text, blank)) ||
           text.starts_with("www.");
}

bool is_point(std::string_view document) {
    bson::Reader reader(document);
    bson::Field field;
    bool type = false, coordinates = false;
    while (reader.next(field)) {
        if (field.key == "type") type = field.value.type == Type::string && field.value.text() == "Point";
        if (field.key == "coordinates" && field.value.type == Type::array) {
            bson::Reader numbers(field.value.bytes);
            bson::Field number;
            std::size_t count = 0;
            coordinates = true;
            while (numbers.next(number)) coordinates = coordinates && number.value.is_number(), ++count;
            coordinates = coordinates && count >= 2;
        }
    }
    return type && coordinates;
}

void add_text(FieldStats& f, std::string_view text) {
    ++f.texts;
    bool inside = false;
    std::uint64_t characters = 0;
    for (const char c : text) {
        if (continues(c)) continue;
        ++characters;
        if (static_cast<unsigned char>(c) >= 0x80) ++f.not_ascii;
        if (!blank(c) && !inside) ++f.words;
        inside = !blank(c);
    }
    f.characters += characters;
    f.longest = std::max(f.longest, characters);
    f.distinct.insert(std::hash<std::string_view>{}(text));
    switch (look_of(text)) {
        case Look::words:
            break;
        case Look::url:
            ++f.urls;
            break;
        case Look::email:
            ++f.emails;
            break;
        case Look::date:
            ++f.dated;
            break;
        case Look::id:
            ++f.id_texts;
            break;
        case Look::code:
            ++f.codes;
            break;
    }
}

/// A list of strings counts as one; false: it is none.
bool add_list(FieldStats& f, std::string_view array) {
    std::vector<std::string_view> texts;
    bson::Reader reader(array);
    bson::Field element;
    while (reader.next(element)) {
        if (element.value.type != Type::string) return false;
        texts.push_back(element.value.text());
    }
    for (const auto text : texts) add_text(f, text);
    return !texts.empty();
}

void add_value(FieldStats& f, const bson::Value& v) {
    ++f.documents;
    switch (v.type) {
        case Type::string:
            ++f.strings;
            add_text(f, v.text());
            break;
        case Type::int32:
        case Type::int64:
            ++f.integers;
            break;
        case Type::real:
            ++f.reals;
            break;
        case Type::decimal128:
            ++f.decimals;
            break;
        case Type::boolean:
            ++f.booleans;
            break;
        case Type::date:
            ++f.dates;
            break;
        case Type::object_id:
            ++f.ids;
            break;
        case Type::binary:
            ++(v.subtype() == 4 ? f.ids : f.others);
            break;
        case Type::object:
            ++f.points;
            break;
        case Type::array:
            ++(add_list(f, v.bytes) ? f.string_lists : f.others);
            break;
        default:
            ++f.others;
            break;
    }
}

class Collector {
  public:
    void add(std::string_view document, const std::string& prefix) {
        bson::Reader reader(document);
        bson::Field field;
        while (reader.next(field)) {
            const bool odd = field.key.empty() || field.key.front() == '$' ||
                             field.key.find('.') != std::string_view::npos || !utf8::valid(field.key) ||
                             std::ranges::all_of(field.key, digit);
            const auto& v = field.value;
            if (odd || v.type == Type::null || v.type == Type::undefined) continue;
            if (v.type == Type::object && !is_point(v.bytes)) {
                if (prefix.empty()) add(v.bytes, std::string(field.key) + ".");
            } else if (auto* f = stats(prefix + std::string(field.key))) {
                add_value(*f, v);
            }
        }
    }
    std::vector<FieldStats> take() { return std::move(fields_); }

  private:
    FieldStats* stats(const std::string& path) {
        if (const auto known = at_.find(path); known != at_.end()) return &fields_[known->second];
        if (fields_.size() == most_fields) return nullptr;
        at_.emplace(path, fields_.size());
        auto& fresh = fields_.emplace_back();
        fresh.path = path;
        return &fresh;
    }
    std::vector<FieldStats> fields_;
    std::unordered_map<std::string, std::size_t> at_;
};

}  // namespace

Look look_of(std::string_view text) {
    if (is_date(text)) return Look::date;
    if (is_id(text)) return Look::id;
    if (is_url(text)) return Look::url;
    if (is_email(text)) return Look::email;
    return is_code(text) ? Look::code : Look::words;
}

std::vector<FieldStats> field_stats(const std::vector<Document>& documents) {
    Collector all;
    for (const auto& document : documents) all.add(document.bson(), "");
    return all.take();
}

}  // namespace halcyon::app::init
