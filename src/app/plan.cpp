#include "app/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <limits>

#include "api/overview_json.hpp"
#include "cli/table.hpp"
#include "pipeline/decide/planner.hpp"

namespace halcyon::app {
namespace {

/// Newer than any receipt: the plan is about what is in the source now.
constexpr Version newest{
    std::numeric_limits<std::uint32_t>::max(),
    {std::numeric_limits<std::uint32_t>::max(), std::numeric_limits<std::uint32_t>::max()},
    Version::last};

std::uint64_t characters_of(std::string_view text) {
    return static_cast<std::uint64_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

RoutePlan total_of(const std::vector<RoutePlan>& plans) {
    RoutePlan total;
    for (const auto& p : plans) total += p;
    return total;
}

boost::json::array changes_of(const std::vector<pipeline::RouteChange>& changes) {
    std::vector<SettingsChange> all;
    for (const auto& c : changes) all.push_back(pipeline::summary(c));
    return api::changes_json(all);
}

boost::json::object row_of(const RoutePlan& p) {
    return {{"documents", p.documents},
            {"left_out", p.left_out},
            {"refused", p.refused},
            {"unchanged", p.unchanged},
            {"payload_only", p.payload_only},
            {"embed", p.embed},
            {"remove", p.remove},
            {"texts", p.texts},
            {"characters", p.characters},
            {"tokens", p.tokens()},
            {"requests", p.requests}};
}

std::vector<std::string> cells(std::string name, const RoutePlan& p) {
    std::vector<std::string> out{std::move(name)};
    for (const auto n : {p.documents, p.left_out, p.unchanged, p.payload_only, p.embed, p.remove, p.refused,
                         p.texts, p.characters, p.tokens(), p.requests})
        out.push_back(cli::grouped(n));
    return out;
}

}  // namespace

RoutePlan& RoutePlan::operator+=(const RoutePlan& o) {
    documents += o.documents, left_out += o.left_out, refused += o.refused, unchanged += o.unchanged;
    payload_only += o.payload_only, embed += o.embed, remove += o.remove, texts += o.texts;
    characters += o.characters, requests += o.requests, held += o.held;
    return *this;
}

RouteTally::RouteTally(render::Route route, EmbedderLimits limits)
    : route_(std::move(route)), limits_(limits) {
    plan_.from = route_.options().from.text();
    plan_.to = route_.options().to.value();
}

void RouteTally::add(const Document& document, const std::optional<Receipt>& held) {
    ++plan_.documents;
    if (held && !held->deleted) ++found_held_;
    const auto wanted = route_.want(document);
    if (wanted.has_error()) {
        ++plan_.refused;
        return;
    }
    switch (pipeline::plan(newest, wanted.value(), held)) {
        case pipeline::Action::superseded:
        case pipeline::Action::skip:
            ++plan_.unchanged;
            break;
        case pipeline::Action::tombstone:
            ++plan_.left_out;
            break;
        case pipeline::Action::overwrite_payload:
            ++plan_.payload_only;
            break;
        case pipeline::Action::remove:
            ++plan_.left_out;
            ++plan_.remove;
            break;
        case pipeline::Action::embed_and_upsert:
            ++plan_.embed;
            for (const auto& chunk : route_.chunks(wanted.value().text)) add_text(chunk);
            break;
    }
}

void RouteTally::add_text(std::string_view text) {
    ++plan_.texts;
    plan_.characters += characters_of(text);
    const bool full =
        batch_texts_ >= limits_.texts || (batch_texts_ > 0 && batch_bytes_ + text.size() > limits_.bytes);
    if (full || batch_texts_ == 0) {
        ++plan_.requests;
        batch_texts_ = batch_bytes_ = 0;
    }
    ++batch_texts_;
    batch_bytes_ += text.size();
}

RoutePlan RouteTally::finish() {
    // A document that went while this was counted may have been met or not.
    if (plan_.held > found_held_) plan_.remove += plan_.held - found_held_;
    return plan_;
}

std::vector<std::string> warnings(const std::vector<RoutePlan>& plans,
                                  const pipeline::PipelineOptions& options, bool compared) {
    std::vector<std::string> out;
    if (!compared)
        out.emplace_back(
            "there is no state to compare with: every document counts as new; what Qdrant holds already is "
            "not embedded again");
    if (!options.snapshot)
        out.emplace_back(
            "snapshot.mode is never: run reads no collection, it only follows changes from now on");
    const auto texts = total_of(plans).texts;
    if (options.max_embeddings > 0 && texts > options.max_embeddings)
        out.push_back(
            fmt::format("{} texts are more than guards.max_embeddings ({}): run stops there and asks; "
                        "raise it, or let it go on with `halcyon apply --yes`",
                        cli::grouped(texts), cli::grouped(options.max_embeddings)));
    for (const auto& p : plans) {
        const auto share = static_cast<double>(p.held) * options.max_delete_share;
        if (p.remove > options.max_delete_free && static_cast<double>(p.remove) > share)
            out.push_back(
                fmt::format("{} -> {}: {} of {} documents would be removed, more than "
                            "guards.max_delete_share: run asks before that",
                            p.from, p.to, cli::grouped(p.remove), cli::grouped(p.held)));
        if (p.refused > 0)
            out.push_back(
                fmt::format("{} -> {}: {} documents can't be rendered and would become dead letters", p.from,
                            p.to, cli::grouped(p.refused)));
    }
    return out;
}

std::string plan_text(const std::vector<RoutePlan>& plans, const std::vector<pipeline::RouteChange>& changes,
                      const std::vector<std::string>& warnings) {
    cli::Table table({"ROUTE", "DOCUMENTS", "LEFT OUT", "UNCHANGED", "PAYLOAD ONLY", "TO EMBED", "TO REMOVE",
                      "REFUSED", "TEXTS", "CHARACTERS", "TOKENS*", "REQUESTS"});
    for (const auto& p : plans) table.add(cells(p.from + " -> " + p.to, p));
    if (plans.size() > 1) table.add(cells("total", total_of(plans)));
    auto out = table.text() + "* estimated: a token for four characters; equal texts are embedded once\n";
    for (const auto& c : changes) out += "settings: " + sentence(c) + "\n";
    for (const auto& w : warnings) out += "note: " + w + "\n";
    return out;
}

std::string plan_json(const std::vector<RoutePlan>& plans, const std::vector<pipeline::RouteChange>& changes,
                      const std::vector<std::string>& warnings, bool compared) {
    namespace json = boost::json;
    json::array routes, notes;
    for (const auto& p : plans) {
        json::object row{{"from", p.from}, {"to", p.to}};
        for (auto& [name, value] : row_of(p)) row.emplace(name, value);
        routes.push_back(std::move(row));
    }
    for (const auto& w : warnings) notes.emplace_back(w);
    return json::serialize(json::object{{"compared", compared},
                                        {"routes", std::move(routes)},
                                        {"total", row_of(total_of(plans))},
                                        {"changes", changes_of(changes)},
                                        {"warnings", std::move(notes)}});
}

}  // namespace halcyon::app
