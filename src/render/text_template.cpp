#include "render/text_template.hpp"

#include <algorithm>

#include "render/value_text.hpp"

namespace halcyon::render {
namespace {

auto refuse(std::string why) { return fail(Verdict::reject, Cause::invalid, "text: " + std::move(why)); }

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Result<Path> placeholder(std::string_view name) {
    auto path = Path::parse(trimmed(name));
    if (path.has_error()) return fail(path.error().in("text"));
    return path;
}

}  // namespace

Result<TextTemplate> TextTemplate::parse(std::string_view text) {
    TextTemplate made;
    bool any = false;
    for (auto rest = text; !rest.empty();) {
        const auto open = rest.find("{{");
        if (open != 0) made.parts_.push_back({std::string(rest.substr(0, open)), std::nullopt});
        if (open == std::string_view::npos) break;
        const auto close = rest.find("}}", open);
        if (close == std::string_view::npos)
            return refuse("\"" + std::string(rest.substr(open)) +
                          "\" is not closed; a placeholder looks like {{name}}");
        HALCYON_TRY(auto&& path, placeholder(rest.substr(open + 2, close - open - 2)));
        made.parts_.push_back({{}, std::move(path)});
        any = true;
        rest.remove_prefix(close + 2);
    }
    if (!any)
        return refuse("\"" + std::string(text) +
                      R"(" names no field; it looks like "{{name}}\n{{description}}")");
    return made;
}

Result<TextTemplate> TextTemplate::of_fields(const std::vector<std::string>& fields) {
    TextTemplate made;
    for (const auto& field : fields) {
        HALCYON_TRY(auto&& path, placeholder(field));
        made.parts_.push_back({{}, std::move(path)});
    }
    made.lines_ = true;
    if (made.parts_.empty()) return refuse("it names no field; it looks like [name, description]");
    return made;
}

Result<std::string> TextTemplate::render(std::string_view document) const {
    std::string raw;
    bool any = false;
    for (const auto& part : parts_) {
        raw += part.literal;
        if (!part.field) continue;
        const auto line = raw.size();
        if (lines_ && any) raw += '\n';
        const auto start = raw.size();
        bool good = true;
        const auto each = [&](const bson::Value* value, bool) {
            if (value == nullptr) return true;
            const auto before = raw.size();
            if (before != start) raw += ", ";
            const auto from = raw.size();
            good = append_value_text(raw, *value);
            if (raw.size() == from) raw.resize(before);
            return good;
        };
        if (!part.field->visit(document, each) || !good)
            return fail(Verdict::reject, Cause::invalid,
                        "the field " + part.field->text() + " is malformed or nested deeper than 100 levels");
        if (raw.size() != start)
            any = true;
        else
            raw.resize(line);
    }
    if (!any) return std::string();
    return tidy(raw);
}

bool TextTemplate::reads(std::string_view top) const {
    return std::any_of(parts_.begin(), parts_.end(),
                       [&](const Part& p) { return p.field && p.field->names().front() == top; });
}

}  // namespace halcyon::render
