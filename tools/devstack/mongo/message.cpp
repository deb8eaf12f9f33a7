#include "devstack/mongo/message.hpp"

#include <utility>

namespace halcyon::devstack::mongo {
namespace {

constexpr std::int32_t op_reply = 1;
constexpr std::int32_t op_query = 2004;
constexpr std::int32_t op_msg = 2013;
constexpr std::uint32_t checksum_present = 1;
constexpr std::uint32_t more_to_come = 2;
constexpr std::int32_t largest_message = 48000000;

void append_int32(std::string& out, std::int32_t value) {
    out.append(reinterpret_cast<const char*>(&value), 4);
}

// A document at a place in a message; empty where there is none.
std::string_view document_at(std::string_view bytes) {
    if (bytes.size() < 5) return {};
    const auto size = load<std::int32_t>(bytes.data());
    if (size < 5 || static_cast<std::size_t>(size) > bytes.size()) return {};
    const std::string_view document = bytes.substr(0, static_cast<std::size_t>(size));
    return valid(document) ? document : std::string_view{};
}

// A section of kind 1, behind its kind: a name and documents.
bool read_sequence(Request& request, std::string_view& rest) {
    if (rest.size() < 5) return false;
    const auto size = load<std::int32_t>(rest.data());
    if (size < 5 || static_cast<std::size_t>(size) > rest.size()) return false;
    std::string_view section = rest.substr(4, static_cast<std::size_t>(size) - 4);
    rest.remove_prefix(static_cast<std::size_t>(size));
    const std::size_t end = section.find('\0');
    if (end == std::string_view::npos) return false;
    auto& [name, documents] = request.sequences.emplace_back(section.substr(0, end), std::vector<View>{});
    section.remove_prefix(end + 1);
    while (!section.empty()) {
        const std::string_view document = document_at(section);
        if (document.empty()) return false;
        documents.emplace_back(document);
        section.remove_prefix(document.size());
    }
    return true;
}

// The sections of an OP_MSG.
bool read_sections(Request& request, std::string_view rest) {
    while (!rest.empty()) {
        const char kind = rest[0];
        rest.remove_prefix(1);
        if (kind == 0) {
            const std::string_view document = document_at(rest);
            if (document.empty()) return false;
            request.body = View(document);
            rest.remove_prefix(document.size());
        } else if (kind != 1 || !read_sequence(request, rest)) {
            return false;
        }
    }
    return !request.body.bytes().empty();
}

// An OP_QUERY on $cmd: the greeting of drivers that don't know the server yet.
bool read_query(Request& request, std::string_view rest) {
    if (rest.size() < 4) return false;
    rest.remove_prefix(4);
    const std::size_t end = rest.find('\0');
    if (end == std::string_view::npos || rest.size() < end + 9) return false;
    const std::string_view ns = rest.substr(0, end);
    if (!ns.ends_with(".$cmd")) return false;
    request.db = ns.substr(0, ns.size() - 5);
    const std::string_view document = document_at(rest.substr(end + 9));
    if (document.empty()) return false;
    request.body = View(document);
    if (const Value inner = request.body["$query"]; inner.is_object()) request.body = inner.as_document();
    return true;
}

}  // namespace

std::optional<MessageHead> read_head(std::string_view bytes) {
    const auto size = load<std::int32_t>(bytes.data());
    if (size < static_cast<std::int32_t>(MessageHead::size) + 5 || size > largest_message) return {};
    const auto code = load<std::int32_t>(bytes.data() + 12);
    return MessageHead{.body = static_cast<std::size_t>(size) - MessageHead::size,
                       .id = load<std::int32_t>(bytes.data() + 4),
                       .legacy = code == op_query,
                       .known = code == op_query || code == op_msg};
}

std::optional<bool> read_message(const MessageHead& head, Request& request) {
    std::string_view bytes = request.message;
    if (!head.known || bytes.size() <= 4) return {};
    if (head.legacy) return read_query(request, bytes) ? std::optional(true) : std::nullopt;
    const auto flags = load<std::uint32_t>(bytes.data());
    bytes.remove_prefix(4);
    if ((flags & checksum_present) != 0 && bytes.size() > 4) bytes.remove_suffix(4);
    if (!read_sections(request, bytes)) return {};
    return (flags & more_to_come) == 0;
}

std::string reply_head(const MessageHead& asked, std::size_t document) {
    static std::int32_t counter = 0;
    const std::size_t before = asked.legacy ? 20 : 5;
    std::string out;
    append_int32(out, static_cast<std::int32_t>(MessageHead::size + before + document));
    append_int32(out, ++counter);
    append_int32(out, asked.id);
    append_int32(out, asked.legacy ? op_reply : op_msg);
    if (asked.legacy) append_int32(out, 8);
    out.append(asked.legacy ? 12 : 5, '\0');
    if (asked.legacy) append_int32(out, 1);
    return out;
}

}  // namespace halcyon::devstack::mongo
