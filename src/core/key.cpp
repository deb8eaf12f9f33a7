#include "core/key.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "core/bson.hpp"
#include "core/json_text.hpp"
#include "core/number.hpp"
#include "core/utf8.hpp"

namespace halcyon {
namespace {

constexpr std::string_view bytes_prefix = R"({"$bson":")";

auto refuse(std::string why) { return fail(Verdict::reject, Cause::invalid, std::move(why)); }

bool append_canonical(std::string& out, std::string_view key, const bson::Value& value, unsigned depth) {
    using bson::Type;
    if (value.is_number()) {
        bson::Number::of(value).append_to(out, key);
        return true;
    }
    if (value.type == Type::symbol) {
        bson::append(out, Type::string, key, value.bytes);
        return true;
    }
    if (!value.is_container()) {
        bson::append(out, value.type, key, value.bytes);
        return true;
    }
    if (depth >= bson::max_depth) return false;
    bson::append(out, value.type, key, {});
    const auto opened = bson::open(out);
    bson::Reader reader(value.bytes);
    bson::Field field;
    for (std::size_t i = 0; reader.next(field); ++i) {
        // MongoDB compares arrays by position, whatever a driver wrote as their keys.
        const auto index = value.type == Type::array ? std::to_string(i) : std::string();
        if (!append_canonical(out, value.type == Type::array ? index : field.key, field.value, depth + 1))
            return false;
    }
    bson::close(out, opened);
    return !reader.failed();
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    const auto digit = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

std::string id_document(bson::Type type, std::string_view value) {
    std::string out;
    const auto opened = bson::open(out);
    bson::append(out, type, "_id", value);
    bson::close(out, opened);
    return out;
}

std::string string_document(std::string_view text) {
    std::string out;
    const auto opened = bson::open(out);
    bson::append_text(out, bson::Type::string, "_id", text);
    bson::close(out, opened);
    return out;
}

/// What stands between the two.
std::optional<std::string_view> between(std::string_view text, std::string_view before,
                                        std::string_view after) {
    if (text.size() < before.size() + after.size() || !text.starts_with(before) || !text.ends_with(after))
        return std::nullopt;
    return text.substr(before.size(), text.size() - before.size() - after.size());
}

/// The canonical bytes of ids as nearly all are printed. libbson makes a parser for each text, which takes
/// longer than all else that is read of a point.
std::optional<std::string> plain_id(std::string_view text) {
    if (const auto hex = between(text, R"({"$oid":")", "\"}"); hex && hex->size() == 24) {
        const auto bytes = from_hex(*hex);
        return bytes ? std::optional(id_document(bson::Type::object_id, *bytes)) : std::nullopt;
    }
    if (const auto digits = between(text, R"({"$numberLong":")", "\"}")) {
        std::int64_t number = 0;
        const auto* const last = digits->data() + digits->size();
        const auto [end, error] = std::from_chars(digits->data(), last, number);
        if (error != std::errc() || end != last) return std::nullopt;
        return id_document(bson::Type::int64, {reinterpret_cast<const char*>(&number), sizeof number});
    }
    const auto inside = between(text, "\"", "\"");
    const auto plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
    if (inside && std::all_of(inside->begin(), inside->end(), plain)) return string_document(*inside);
    return std::nullopt;
}

/// The value of a canonical `{_id: ..}`.
bson::Value value_of(const std::string& bytes) {
    bson::Reader reader(bytes);
    bson::Field field;
    return reader.next(field) ? field.value : bson::Value{};
}

/// Between `ObjectId(` and `)`, without quotes; otherwise the text itself.
std::string_view inside_object_id(std::string_view text) {
    constexpr std::string_view call = "ObjectId(";
    if (!text.starts_with(call) || !text.ends_with(')')) return text;
    text.remove_prefix(call.size());
    text.remove_suffix(1);
    if (text.size() == 26 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
        text = text.substr(1, 24);
    return text;
}

bool survives_json(const bson::Value& value) {
    using bson::Type;
    switch (value.type) {
        case Type::string:
            return utf8::valid(value.text());
        case Type::int64:
        case Type::object_id:
        case Type::boolean:
        case Type::date:
        case Type::null:
            return true;
        default:
            return false;
    }
}

}  // namespace

Result<Namespace> Namespace::parse(std::string_view text) {
    const auto dot = text.find('.');
    const auto bad = [&](std::string_view why) {
        return refuse("\"" + std::string(text) + "\" is no namespace (" + std::string(why) +
                      "); it looks like shop.products");
    };
    if (dot == std::string_view::npos) return bad("database and collection are joined by a dot");
    const auto database = text.substr(0, dot);
    const auto collection = text.substr(dot + 1);
    if (database.empty()) return bad("no database before the dot");
    if (collection.empty()) return bad("no collection after the dot");
    if (database.find_first_of("/\\ \"$") != std::string_view::npos)
        return bad("a database's name has no space, slash, quote or $");
    if (text.find('\0') != std::string_view::npos) return bad("it holds a NUL");
    return Namespace{std::string(database), std::string(collection)};
}

Result<DocId> DocId::of(std::string_view bson) {
    bson::Reader reader(bson);
    bson::Field field;
    while (reader.next(field)) {
        if (field.key != "_id") continue;
        std::string out;
        const auto opened = bson::open(out);
        if (!append_canonical(out, "_id", field.value, 1))
            return refuse("its _id is malformed or nested too deep");
        bson::close(out, opened);
        return DocId(std::move(out));
    }
    return refuse(reader.failed() ? "malformed BSON before an _id" : "the document has no _id");
}

DocId DocId::from_bytes(std::string bytes) { return DocId(std::move(bytes)); }

std::string DocId::json() const {
    std::string out;
    const auto value = value_of(bytes_);
    json::append_extended(out, value, json::Form::canonical);
    if (survives_json(value)) return out;
    // Bytes that are no UTF-8, and documents that look like extended JSON themselves, do not survive JSON.
    if (const auto back = from_json(out); back.has_value() && back.value() == *this) return out;
    out = bytes_prefix;
    for (const char c : bytes_) {
        constexpr std::string_view digits = "0123456789abcdef";
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out + "\"}";
}

std::string DocId::display() const {
    const auto value = value_of(bytes_);
    if (value.type == bson::Type::object_id) return "ObjectId(" + bson::object_id_text(value.bytes) + ")";
    std::string out;
    json::append_extended(out, value, json::Form::relaxed);
    return out;
}

Result<DocId> DocId::from_json(std::string_view text) {
    if (auto bytes = plain_id(text)) return DocId(std::move(*bytes));
    if (const auto hex = between(text, bytes_prefix, "\"}"))
        if (const auto bytes = from_hex(*hex); bytes && bson::well_formed(*bytes))
            if (auto id = of(*bytes)) return id;
    HALCYON_TRY(auto&& wrapped, Document::from_json("{\"_id\":" + std::string(text) + "}"));
    bson::Reader reader(wrapped.bson());
    bson::Field only;
    bson::Field more;
    if (reader.next(only) && only.key == "_id" && !reader.next(more)) return of(wrapped.bson());
    return refuse("this is more than one value");
}

Result<DocId> DocId::parse(std::string_view text) {
    if (const auto hex = inside_object_id(text); hex.size() == 24)
        if (const auto bytes = from_hex(hex)) return DocId(id_document(bson::Type::object_id, *bytes));
    if (auto id = from_json(text)) return id;
    return DocId(string_document(text));
}

PointId point_id(const SourceName& source, const CollectionName& collection, const DocumentKey& key,
                 std::uint32_t chunk) {
    // fd4ab134-e3bc-45fd-bc93-1c9bdfadfe8b, drawn for this purpose.
    constexpr std::string_view space("\xfd\x4a\xb1\x34\xe3\xbc\x45\xfd\xbc\x93\x1c\x9b\xdf\xad\xfe\x8b", 16);
    const auto number = [](std::uint32_t n) {
        return std::string{static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
                           static_cast<char>(n)};
    };
    std::string name(space);
    name.reserve(128 + key.id.bytes().size());
    for (const std::string_view part :
         {std::string_view(source.value()), std::string_view(collection.value()),
          std::string_view(key.ns.database), std::string_view(key.ns.collection),
          std::string_view(key.id.bytes())}) {
        name += number(static_cast<std::uint32_t>(part.size()));
        name += part;
    }
    name += number(chunk);

    static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> sha1(EVP_MD_fetch(nullptr, "SHA1", nullptr),
                                                                      &EVP_MD_free);
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    if (!sha1 || EVP_Digest(name.data(), name.size(), hash.data(), nullptr, sha1.get(), nullptr) != 1)
        throw std::runtime_error("OpenSSL gives no SHA-1, which point ids are made of");
    hash[6] = static_cast<unsigned char>((hash[6] & 0x0f) | 0x50);
    hash[8] = static_cast<unsigned char>((hash[8] & 0x3f) | 0x80);

    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(36);
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += digits[hash[i] >> 4];
        out += digits[hash[i] & 15];
    }
    return PointId(std::move(out));
}

}  // namespace halcyon
