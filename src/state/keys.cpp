#include "state/keys.hpp"

#include <algorithm>
#include <cstdint>

namespace halcyon::state {
namespace {

constexpr std::size_t time_size = 8;

void append_part(std::string& out, std::string_view part) {
    for (auto at = part.find('\0'); at != part.npos; at = part.find('\0')) {
        out.append(part.substr(0, at + 1)).push_back('\xff');
        part.remove_prefix(at + 1);
    }
    out.append(part).append("\0\x01", 2);
}

std::optional<std::string> take_part(std::string_view& in) {
    std::string out;
    for (auto at = in.find('\0'); at != in.npos && at + 1 < in.size(); at = in.find('\0')) {
        out.append(in.substr(0, at));
        const char mark = in[at + 1];
        in.remove_prefix(at + 2);
        if (mark == '\x01') return out;
        if (mark != '\xff') return std::nullopt;
        out.push_back('\0');
    }
    return std::nullopt;
}

constexpr auto sign = std::uint64_t{1} << 63;

void append_number(std::string& out, std::uint64_t n) {
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>((n >> shift) & 0xff));
}

/// Big-endian with the sign turned, so that bytes sort as times do; or as times backwards.
void append_time(std::string& out, WallTime t) {
    append_number(out, static_cast<std::uint64_t>(t.ms) ^ sign);
}
void append_time_downwards(std::string& out, WallTime t) {
    append_number(out, ~(static_cast<std::uint64_t>(t.ms) ^ sign));
}

WallTime time_downwards(std::string_view bytes) {
    std::uint64_t n = 0;
    for (const char c : bytes.substr(0, time_size)) n = n << 8 | static_cast<unsigned char>(c);
    return {static_cast<std::int64_t>(~n ^ sign)};
}

void append_document(std::string& out, const DocumentKey& key) {
    append_part(out, key.ns.database);
    append_part(out, key.ns.collection);
    out.append(key.id.bytes());
}

}  // namespace

std::string key_of(const ReceiptKey& key) {
    std::string out;
    out.reserve(key.collection.value().size() + key.document.ns.database.size() +
                key.document.ns.collection.size() + key.document.id.bytes().size() + 6);
    append_part(out, key.collection.value());
    append_document(out, key.document);
    return out;
}

std::optional<ReceiptKey> parse_key(std::string_view bytes) {
    auto collection = take_part(bytes);
    auto database = collection ? take_part(bytes) : std::nullopt;
    auto name = database ? take_part(bytes) : std::nullopt;
    if (!name) return std::nullopt;
    return ReceiptKey{CollectionName(std::move(*collection)),
                      {{std::move(*database), std::move(*name)}, DocId::from_bytes(std::string(bytes))}};
}

std::string prefix_of(const CollectionName& collection) {
    std::string out;
    append_part(out, collection.value());
    return out;
}

std::string prefix_of(const CollectionName& collection, const Namespace& ns) {
    auto out = prefix_of(collection);
    out += namespace_key(ns);
    return out;
}

std::string end_of(std::string prefix) {
    while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    return prefix;
}

std::string due_prefix(const CollectionName& collection, bool retries) {
    auto out = prefix_of(collection);
    out.push_back(retries ? '\1' : '\0');
    return out;
}

std::string due_prefix(const CollectionName& collection, bool retries, WallTime next_attempt) {
    auto out = due_prefix(collection, retries);
    append_time(out, next_attempt);
    return out;
}

std::string due_key(const ReceiptKey& key, const Owed& note) {
    auto out = due_prefix(key.collection, note.attempts > 0, note.next_attempt);
    append_document(out, key.document);
    return out;
}

std::string_view queue_of_due(std::string_view due_key) {
    auto rest = due_key;
    static_cast<void>(take_part(rest));
    return due_key.substr(0, due_key.size() - rest.size() + 1);
}

std::optional<std::string> key_of_due(std::string_view due_key) {
    constexpr auto behind = 1 + time_size;
    auto rest = due_key;
    if (!take_part(rest) || rest.size() < behind) return std::nullopt;
    const auto collection = due_key.substr(0, due_key.size() - rest.size());
    return std::string(collection).append(rest.substr(behind));
}

std::string change_prefix(const CollectionName& collection, SyncStatus status) {
    auto out = prefix_of(collection);
    out.push_back(static_cast<char>(status));
    return out;
}

std::string change_prefix(const CollectionName& collection, SyncStatus status, WallTime changed) {
    auto out = change_prefix(collection, status);
    append_time_downwards(out, changed);
    return out;
}

std::string change_key(const ReceiptKey& key, SyncStatus status, WallTime changed) {
    auto out = change_prefix(key.collection, status, changed);
    append_document(out, key.document);
    return out;
}

std::optional<Place> place_of_change(std::string_view change_key) {
    constexpr auto behind = 1 + time_size;
    auto rest = change_key;
    if (!take_part(rest) || rest.size() < behind) return std::nullopt;
    const auto collection = change_key.substr(0, change_key.size() - rest.size());
    return Place{time_downwards(rest.substr(1)), std::string(collection).append(rest.substr(behind))};
}

std::string namespace_key(const Namespace& ns) {
    std::string out;
    append_part(out, ns.database);
    append_part(out, ns.collection);
    return out;
}

std::string snapshot_key(const Namespace& ns, const CollectionName& collection) {
    auto out = namespace_key(ns);
    append_part(out, collection.value());
    return out;
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto u = static_cast<unsigned char>(c);
        out.push_back(digits[u >> 4]);
        out.push_back(digits[u & 15]);
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (text.size() % 2 != 0 || text.find_first_not_of(digits) != text.npos) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2)
        out.push_back(static_cast<char>(digits.find(text[i]) * 16 + digits.find(text[i + 1])));
    return out;
}

}  // namespace halcyon::state
