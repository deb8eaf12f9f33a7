#include "settings/json.hpp"

#include <fmt/format.h>

namespace halcyon::settings {
namespace {

bool digits(std::string_view& text) {
    const auto before = text.size();
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
    return text.size() < before;
}

void write(const Value& value, int level, std::string& out) {
    const bool pretty = level >= 0;
    const auto line = [&](int deeper) {
        if (pretty) out += "\n" + std::string(static_cast<std::size_t>(level + deeper) * 2, ' ');
    };
    const int inner = pretty ? level + 1 : level;
    const auto sequence = [&](const auto& parts, char open, char close, auto&& part) {
        out += open;
        bool first = true;
        for (const auto& p : parts) {
            if (!first) out += ',';
            first = false;
            line(1);
            part(p);
        }
        if (!first) line(0);
        out += close;
    };
    switch (value.kind) {
        case Value::Kind::null:
            out += "null";
            return;
        case Value::Kind::scalar: {
            const auto& t = value.text;
            const bool literal =
                value.plain && (t == "true" || t == "false" || t == "null" || is_json_number(t));
            out += literal ? t : json_quote(t);
            return;
        }
        case Value::Kind::list:
            return sequence(value.items, '[', ']', [&](const Value& v) { write(v, inner, out); });
        case Value::Kind::map:
            return sequence(value.entries, '{', '}', [&](const Entry& e) {
                out += json_quote(e.key) + (pretty ? ": " : ":");
                write(e.value, inner, out);
            });
    }
}

}  // namespace

std::string json_quote(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out + '"';
}

bool is_json_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    if (text.starts_with('0')) {
        text.remove_prefix(1);
    } else if (!digits(text)) {
        return false;
    }
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (!digits(text)) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
        if (!digits(text)) return false;
    }
    return text.empty();
}

std::string to_json(const Value& value) {
    std::string out;
    write(value, -1, out);
    return out;
}

std::string to_pretty_json(const Value& value) {
    std::string out;
    write(value, 0, out);
    return out + "\n";
}

}  // namespace halcyon::settings
