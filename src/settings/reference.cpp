#include "settings/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace halcyon::settings {
namespace {

using Kind = Shape::Kind;
constexpr std::size_t width = 100;

std::string spaces(std::size_t n) { return std::string(n, ' '); }

void comment(std::string_view text, std::size_t indent, std::string& out) {
    std::string line;
    const auto flush = [&] {
        if (!line.empty()) out += spaces(indent) + "#" + line + "\n";
        line.clear();
    };
    while (!text.empty()) {
        const auto end = text.find_first_of(" \n");
        const auto word = text.substr(0, end);
        if (indent + 2 + line.size() + word.size() > width) flush();
        if (!word.empty()) line += fmt::format(" {}", word);
        if (end != std::string_view::npos && text[end] == '\n') flush();
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    flush();
}

/// What the field takes and has by default: "A duration, 10ms to 10s. Default: 500ms."
std::string facts(const FieldDoc& field) {
    constexpr std::array self_evident{Kind::text, Kind::object, Kind::any, Kind::map, Kind::list};
    std::string out;
    const auto add = [&](std::string sentence) { out += (out.empty() ? "" : " ") + std::move(sentence); };
    if (std::ranges::find(self_evident, field.shape.kind) == self_evident.end()) {
        auto takes = describe(field.shape, false);
        takes[0] = static_cast<char>(takes[0] - 'a' + 'A');
        add(takes + ".");
    }
    if (field.doc.required)
        add("Required.");
    else if (!field.default_value.empty())
        add("Default: " + field.default_value + ".");
    return out;
}

void write(const std::vector<FieldDoc>& fields, std::size_t indent, std::string& out);

void write_field(const FieldDoc& field, std::size_t indent, std::string& out) {
    comment(field.doc.help, indent, out);
    comment(facts(field), indent, out);
    const auto& shape = field.shape;
    const auto& example = field.doc.example;
    const auto name = spaces(indent) + field.name + ":";
    if (shape.kind == Kind::object && !field.doc.commented) {
        out += name + "\n";
        write(*shape.fields, indent + 2, out);
    } else if (shape.kind == Kind::map && shape.item->kind == Kind::object) {
        out += name + "\n" + spaces(indent + 2) + (example.empty() ? "name" : example) + ":\n";
        write(*shape.item->fields, indent + 4, out);
    } else if (shape.kind == Kind::list && shape.item->kind == Kind::object && example.empty()) {
        out += name + "\n";
        out += spaces(indent + 2) + "-\n";
        write(*shape.item->fields, indent + 4, out);
    } else {
        auto value = example.empty() ? field.default_value : example;
        // Readers of YAML 1.1 take these words for booleans.
        if (shape.kind == Kind::choice && (value == "on" || value == "off")) value = '"' + value + '"';
        const bool off = field.doc.commented || value.empty();
        out += fmt::format("{}{}{}:{}{}\n", spaces(indent), off ? "# " : "", field.name,
                           value.empty() ? "" : " ", value);
    }
}

void write(const std::vector<FieldDoc>& fields, std::size_t indent, std::string& out) {
    bool first = true;
    for (const auto& field : fields) {
        if (!first && indent == 0) out += "\n";
        first = false;
        write_field(field, indent, out);
    }
}

}  // namespace

std::string reference(const std::vector<FieldDoc>& fields, const std::string& head) {
    std::string out;
    comment(head, 0, out);
    out += "\n";
    write(fields, 0, out);
    return out;
}

}  // namespace halcyon::settings
