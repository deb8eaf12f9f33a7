#include "settings/fields.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "settings/similar.hpp"

namespace halcyon::settings::detail {

void refuse_unknown(const Section& section, const std::vector<FieldDoc>& known) {
    std::vector<std::string> names;
    for (const auto& field : known) names.push_back(field.name);
    for (const auto& entry : section.value().entries) {
        if (std::ranges::find(names, entry.key) != names.end()) continue;
        const auto meant = similar(entry.key, names);
        const auto path = section.path().empty() ? entry.key : section.path() + "." + entry.key;
        section.report().mistakes.push_back(
            {section.report().file, entry.place, path,
             meant ? fmt::format("there is no such setting; did you mean {}?", *meant)
                   : fmt::format("there is no such setting; known here: {}", fmt::join(names, ", "))});
    }
}

bool read_secret_file(const Section& section, std::string& out) {
    std::string path;
    if (!text().read(section, path)) return false;
    auto contents = read_file(path, 64 * KiB);
    if (!contents) {
        section.mistake(contents.error().context);
        return false;
    }
    constexpr std::string_view blanks = " \t\r\n";
    const auto& all = contents.value();
    const auto first = all.find_first_not_of(blanks);
    if (first == std::string::npos) {
        section.mistake(path + " is empty");
        return false;
    }
    out = all.substr(first, all.find_last_not_of(blanks) - first + 1);
    return true;
}

void missing(const Section& section, const FieldDoc& field) {
    const auto& example = field.shape.example.empty() ? field.doc.example : field.shape.example;
    section.get(field.name)
        .mistake(example.empty() ? fmt::format("is missing; it takes {}", describe(field.shape))
                                 : fmt::format("is missing, e.g. {}: {}", field.name, example));
}

const Value* find(const Value* map, std::string_view name) {
    return map && map->is_map() ? map->find(name) : nullptr;
}

}  // namespace halcyon::settings::detail
