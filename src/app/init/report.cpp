#include "app/init/report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json.hpp>

#include "base/bytes.hpp"
#include "cli/table.hpp"

namespace halcyon::app::init {
namespace {

namespace json = boost::json;

constexpr std::size_t width = 110;

json::array names(const std::vector<std::string>& list) {
    json::array out;
    for (const auto& name : list) out.emplace_back(name);
    return out;
}

json::object row(const RouteProposal& r) {
    json::array payload, left_out;
    for (const auto& p : r.payload) {
        json::object field{{"field", p.field}, {"geo", p.geo}};
        field["index"] = p.index.empty() ? json::value(nullptr) : json::value(p.index);
        payload.push_back(std::move(field));
    }
    for (const auto& [why, fields] : r.left_out)
        left_out.push_back(json::object{{"why", why}, {"fields", names(fields)}});
    return {{"from", r.from.text()},
            {"to", r.to},
            {"documents", r.documents},
            {"average_bytes", r.average_bytes},
            {"sampled", r.sampled},
            {"text", names(r.text)},
            {"more_text", names(r.more_text)},
            {"chunk", r.chunk},
            {"payload", std::move(payload)},
            {"left_out", std::move(left_out)}};
}

std::string paragraph(const RouteProposal& r) {
    std::vector<std::string> payload;
    for (const auto& p : r.payload)
        payload.push_back(p.index.empty() ? p.field : fmt::format("{} ({})", p.field, p.index));
    auto out = fmt::format("{} -> {}: about {} documents of {}\n", r.from.text(), r.to,
                           cli::grouped(r.documents), format_bytes(r.average_bytes));
    out += cli::wrapped("  text      ",
                        fmt::format("{}{}", fmt::join(r.text, ", "), r.chunk ? ", in chunks" : ""), width);
    if (!payload.empty())
        out += cli::wrapped("  payload   ", fmt::format("{}", fmt::join(payload, ", ")), width);
    std::vector<std::string> left_out;
    for (const auto& [why, fields] : r.left_out)
        left_out.push_back(fmt::format("{} ({})", fmt::join(fields, ", "), why));
    if (!left_out.empty())
        out += cli::wrapped("  left out  ", fmt::format("{}", fmt::join(left_out, "; ")), width);
    return out;
}

}  // namespace

std::string report_text(const Proposal& proposal, const std::vector<RoutePlan>& plans,
                        const std::vector<std::string>& warnings) {
    std::string out;
    for (const auto& r : proposal.routes) out += paragraph(r);
    for (const auto& [ns, why] : proposal.not_routed) out += fmt::format("no route for {}: {}\n", ns, why);
    // Names of collections and fields are what others wrote.
    return cli::visible_lines(out + "\n" + plan_text(plans, {}, warnings));
}

std::string report_json(const Proposal& proposal, const std::string& file,
                        const std::vector<RoutePlan>& plans, const std::vector<std::string>& warnings) {
    json::array routes, not_routed;
    for (const auto& r : proposal.routes) routes.push_back(row(r));
    for (const auto& [ns, why] : proposal.not_routed)
        not_routed.push_back(json::object{{"namespace", ns}, {"why", why}});
    return json::serialize(json::object{{"file", file},
                                        {"password_removed", public_uri(proposal.mongodb).had_secrets},
                                        {"routes", std::move(routes)},
                                        {"not_routed", std::move(not_routed)},
                                        {"plan", json::parse(plan_json(plans, {}, warnings, false))}});
}

std::string next_steps(const Proposal& proposal, const std::string& file, bool set) {
    std::string out = fmt::format("\n{} is written. Look at it, then:\n", file);
    if (public_uri(proposal.mongodb).had_secrets)
        out +=
            set ? "  (the password is not in it: MONGODB_URI has to be set wherever halcyon runs)\n"
                : "  export MONGODB_URI=...   the whole connection string: the password is not in the file\n";
    const bool found = file == "halcyon.yaml" || file == "./halcyon.yaml";
    const auto with = found ? std::string() : " -c " + file;
    const std::size_t wide = 15 + with.size();
    for (const auto& [command, what] : {std::pair{"check", "asks MongoDB, Qdrant and the embedder"},
                                        {"plan", "counts every document: what a first run costs"},
                                        {"run", "keeps Qdrant true until a signal"}})
        out += fmt::format("  {:{}}   {}\n", fmt::format("halcyon {}{}", command, with), wide, what);
    return out;
}

}  // namespace halcyon::app::init
