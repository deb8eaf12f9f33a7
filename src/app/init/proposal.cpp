#include "app/init/proposal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "app/init/field_roles.hpp"
#include "core/utf8.hpp"
#include "render/chunker.hpp"
#include "render/text_template.hpp"

namespace halcyon::app::init {
namespace {

using Kind = FieldRole::Kind;

constexpr std::size_t most_text = 6;
constexpr std::size_t most_payload = 24;
/// A text that is longer does not come back with each hit.
constexpr double longest_payload = 300;
/// From this share of documents on whose text has more than so many words, texts are cut into chunks.
constexpr double many_long = 0.05;
constexpr std::uint32_t long_words = 300;

struct Ranked {
    const FieldStats* field;
    FieldRole role;
};

bool contains(const std::vector<std::string>& list, std::string_view name) {
    return std::ranges::find(list, name) != list.end();
}

/// Qdrant reads such a path without quotes.
bool plain_path(std::string_view path) {
    return std::ranges::all_of(path, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '.';
    });
}

void choose_text(const std::vector<Ranked>& all, RouteProposal& out) {
    std::vector<const Ranked*> texts;
    for (const auto& r : all)
        if (r.role.kind == Kind::text) texts.push_back(&r);
    // Equal ranks stay in the documents' order: all of them lie in one vector.
    std::ranges::sort(texts, {}, [](const Ranked* r) { return std::pair(r->role.rank, r); });
    for (const auto* r : texts)
        (out.text.size() < most_text ? out.text : out.more_text).push_back(r->field->path);
}

void add_left_out(RouteProposal& out, const std::string& why, const std::string& path) {
    auto at = std::ranges::find(out.left_out, why, &std::pair<std::string, std::vector<std::string>>::first);
    if (at == out.left_out.end()) at = out.left_out.insert(at, {why, {}});
    at->second.push_back(path);
}

/// `a` and `a.b` cannot both be in a payload: documents disagree on what `a` is.
bool within(const std::vector<PayloadProposal>& payload, std::string_view path) {
    const auto inside = [](std::string_view inner, std::string_view outer) {
        return inner.size() > outer.size() && inner.starts_with(outer) && inner[outer.size()] == '.';
    };
    return std::ranges::any_of(payload,
                               [&](const auto& p) { return inside(path, p.field) || inside(p.field, path); });
}

void choose_payload(const std::vector<Ranked>& all, RouteProposal& out) {
    for (const auto& [field, role] : all) {
        const bool text = role.kind == Kind::text;
        if (role.kind == Kind::left_out && !contains(out.text, field->path))
            add_left_out(out, role.why, field->path);
        if ((role.kind != Kind::payload && !text) || (text && field->mean_characters() > longest_payload))
            continue;
        if (out.payload.size() == most_payload)
            add_left_out(out, "one of many", field->path);
        else if (within(out.payload, field->path))
            add_left_out(out, "several types", field->path);
        else
            out.payload.push_back(
                {field->path, plain_path(field->path) ? role.index : "", role.index == "geo"});
    }
}

bool long_texts(const std::vector<std::string>& fields, const std::vector<Document>& sample) {
    const auto text = render::TextTemplate::of_fields(fields);
    if (!text) return false;
    const render::ChunkOptions limit{.size = long_words, .overlap = 0, .text_as = {}};
    std::uint64_t longer = 0;
    for (const auto& document : sample) {
        const auto rendered = text.value().render(document.bson());
        if (rendered && render::chunk_text(rendered.value(), limit).size() > 1) ++longer;
    }
    return longer > 0 && FieldStats::share(longer, sample.size()) >= many_long;
}

/// Qdrant refuses these characters, and very long names.
std::string target_name(std::string_view name) {
    constexpr std::size_t longest = 200;
    std::string out(utf8::cut(name, longest));
    for (char& c : out)
        if (std::string_view("<>:\"/\\|?*").find(c) != std::string_view::npos ||
            static_cast<unsigned char>(c) < 0x20)
            c = '_';
    return out;
}

}  // namespace

RouteProposal propose(const SampledCollection& sampled, std::optional<std::vector<std::string>> text) {
    const auto& look = sampled.look;
    RouteProposal out;
    out.from = sampled.ns;
    out.documents = look.documents;
    out.average_bytes = look.average_bytes;
    out.sampled = look.sample.size();
    const auto fields = field_stats(look.sample);
    std::vector<Ranked> all;
    for (const auto& field : fields) all.push_back({&field, role_of(field, out.sampled)});
    choose_text(all, out);
    if (text) {
        for (auto& name : out.text) out.more_text.push_back(std::move(name));
        out.text = std::move(*text);
        std::erase_if(out.more_text, [&](const auto& name) { return contains(out.text, name); });
    }
    choose_payload(all, out);
    out.chunk = !out.text.empty() && long_texts(out.text, look.sample);
    return out;
}

void name_targets(std::vector<RouteProposal>& routes) {
    std::map<std::string, unsigned> wanted;
    for (const auto& r : routes) ++wanted[target_name(r.from.collection)];
    std::set<std::string> taken;
    for (auto& r : routes) {
        auto name = target_name(r.from.collection);
        if (wanted[name] > 1) name = target_name(r.from.database + "_" + r.from.collection);
        r.to = name;
        for (unsigned i = 2; !taken.insert(r.to).second; ++i) r.to = fmt::format("{}_{}", name, i);
    }
}

std::vector<std::string> text_candidates(const SampledCollection& sampled) {
    std::vector<std::string> out;
    for (const auto& field : field_stats(sampled.look.sample))
        if (field.strings > 0 && !names_a_secret(field.path)) out.push_back(field.path);
    return out;
}

}  // namespace halcyon::app::init
