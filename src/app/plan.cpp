#include "app/plan.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "api/overview_json.hpp"
#include "cli/table.hpp"

namespace halcyon::app {
namespace {

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

void add_cost(const std::vector<RoutePlan>& plans, std::vector<pipeline::RouteChange>* changes) {
    for (auto& c : *changes)
        for (const auto& p : plans)
            if (p.from == c.from.text() && p.to == c.to.value()) c.tokens = p.tokens();
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
