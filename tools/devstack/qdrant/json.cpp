#include "devstack/qdrant/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace halcyon::devstack::qdrant {

bool Json::is_integer() const {
    return std::holds_alternative<std::int64_t>(value_) || std::holds_alternative<std::uint64_t>(value_);
}
bool Json::is_number() const { return is_integer() || std::holds_alternative<double>(value_); }

std::optional<double> Json::number() const {
    if (const auto* d = std::get_if<double>(&value_)) return *d;
    if (const auto* i = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*i);
    if (const auto* u = std::get_if<std::uint64_t>(&value_)) return static_cast<double>(*u);
    return std::nullopt;
}
std::optional<std::int64_t> Json::integer() const {
    if (const auto* i = std::get_if<std::int64_t>(&value_)) return *i;
    if (const auto* u = std::get_if<std::uint64_t>(&value_)) {
        if (std::in_range<std::int64_t>(*u)) return static_cast<std::int64_t>(*u);
    }
    return std::nullopt;
}
std::optional<std::uint64_t> Json::unsigned_integer() const {
    if (const auto* i = std::get_if<std::int64_t>(&value_)) {
        if (*i >= 0) return static_cast<std::uint64_t>(*i);
    }
    if (const auto* u = std::get_if<std::uint64_t>(&value_)) return *u;
    return std::nullopt;
}

const Json* Json::find(std::string_view key) const {
    const Object* fields = object();
    if (fields == nullptr) return nullptr;
    const auto it =
        std::find_if(fields->begin(), fields->end(), [&](const auto& f) { return f.first == key; });
    return it == fields->end() ? nullptr : &it->second;
}
Json* Json::find(std::string_view key) { return const_cast<Json*>(std::as_const(*this).find(key)); }

Json& Json::set(std::string_view key, Json value) {
    if (is_null()) value_ = Object{};
    if (Json* old = find(key)) return *old = std::move(value);
    return std::get<Object>(value_).emplace_back(std::string(key), std::move(value)).second;
}
void Json::erase(std::string_view key) {
    if (Object* fields = object()) std::erase_if(*fields, [&](const auto& f) { return f.first == key; });
}

namespace {

template <class T>
void write_real(std::string& out, T value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
    out += text;
    if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

}  // namespace

void write_number(std::string& out, double value) { write_real(out, value); }
void write_number(std::string& out, float value) { write_real(out, value); }

void write_text(std::string& out, std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) >= 0x20) {
                    out += c;
                } else {
                    out += "\\u00";
                    out += digits[c >> 4];
                    out += digits[c & 15];
                }
        }
    }
    out += '"';
}

void Json::write(std::string& out) const {
    if (const auto* b = boolean()) {
        out += *b ? "true" : "false";
    } else if (const auto* i = std::get_if<std::int64_t>(&value_)) {
        out += std::to_string(*i);
    } else if (const auto* u = std::get_if<std::uint64_t>(&value_)) {
        out += std::to_string(*u);
    } else if (const auto* d = std::get_if<double>(&value_)) {
        write_number(out, *d);
    } else if (const auto* s = text()) {
        write_text(out, *s);
    } else if (const auto* items = array()) {
        out += '[';
        for (const Json& item : *items) {
            if (&item != items->data()) out += ',';
            item.write(out);
        }
        out += ']';
    } else if (const auto* fields = object()) {
        out += '{';
        bool first = true;
        for (const auto& [key, value] : *fields) {
            if (!std::exchange(first, false)) out += ',';
            write_text(out, key);
            out += ':';
            value.write(out);
        }
        out += '}';
    } else {
        out += "null";
    }
}

}  // namespace halcyon::devstack::qdrant
