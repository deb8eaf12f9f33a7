#include "app/init/init_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "app/findings.hpp"
#include "app/init/dialogue.hpp"
#include "app/init/estimate.hpp"
#include "app/init/report.hpp"
#include "app/init/survey.hpp"
#include "app/settings.hpp"
#include "async/pool.hpp"
#include "cli/table.hpp"
#include "embed/embedder.hpp"
#include "net/client/origin.hpp"

namespace halcyon::app {
namespace {

using cli::Exit;
using init::Proposal;

template <class... Args>
Exit end(Exit exit, fmt::format_string<Args...> text, Args&&... args) {
    fmt::print(stderr, text, std::forward<Args>(args)...);
    fmt::print(stderr, "\n");
    return exit;
}

/// A person who can be asked; nothing where there is none, or where none is wanted.
std::optional<init::Ask> person(const InitOptions& o) {
    if (o.yes || o.json || ::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1) return {};
    return [](const std::string& question) -> std::optional<std::string> {
        fmt::print(stderr, "{}", question);
        std::string line;
        if (!std::getline(std::cin, line)) return {};
        return line;
    };
}

Exit stopped() { return end(Exit::failed, "\nstopped; nothing was written"); }

/// What was seen instead of a text.
std::string why_without_text(const init::RouteProposal& r) {
    constexpr std::size_t most_named = 8;
    if (r.sampled == 0) return "empty";
    std::vector<std::string> seen;
    for (const auto& p : r.payload) seen.push_back(p.field);
    for (const auto& [why, fields] : r.left_out)
        for (const auto& field : fields) seen.push_back(fmt::format("{}: {}", field, why));
    if (seen.empty()) return "no fields";
    const auto more = seen.size() > most_named;
    if (more) seen.resize(most_named);
    return fmt::format("no text, only {}{}", fmt::join(seen, ", "), more ? ", .." : "");
}

/// Proposals with a text, each beside its sample; the others go into `not_routed`.
struct Found {
    std::vector<init::RouteProposal> routes;
    std::vector<const init::SampledCollection*> samples;
    std::vector<std::pair<std::string, std::string>> not_routed;
};

Found find_routes(const init::Survey& survey) {
    Found out{{}, {}, survey.skipped};
    for (const auto& sampled : survey.sampled) {
        auto route = init::propose(sampled);
        if (route.text.empty()) {
            out.not_routed.emplace_back(sampled.ns.text(), why_without_text(route));
            continue;
        }
        out.routes.push_back(std::move(route));
        out.samples.push_back(&sampled);
    }
    return out;
}

/// False: there will be no answers any more.
bool ask_all(Found& found, const init::Ask& ask) {
    const auto chosen = init::ask_routes(found.routes, ask);
    if (!chosen) return false;
    Found kept{{}, {}, std::move(found.not_routed)};
    for (std::size_t i = 0, next = 0; i < found.routes.size(); ++i) {
        if (next == chosen->size() || (*chosen)[next] != i) {
            kept.not_routed.emplace_back(found.routes[i].from.text(), "not chosen");
            continue;
        }
        ++next;
        auto text = std::optional(found.routes[i].text);
        // Where there is no other string there is nothing to choose.
        if (const auto strings = init::text_candidates(*found.samples[i]); strings.size() > text->size())
            text = init::ask_text(found.routes[i], strings, ask);
        if (!text) return false;
        kept.routes.push_back(init::propose(*found.samples[i], *text));
        kept.samples.push_back(found.samples[i]);
    }
    found = std::move(kept);
    return true;
}

/// What the settings that were written would cost.
Result<std::vector<RoutePlan>> cost(const AppSettings& settings, const Found& found) {
    boost::asio::io_context loop;
    async::ThreadPool pool(1, "work");
    HALCYON_TRY(const auto embedder,
                embed::make_embedder(settings.embedders.at("default"), loop.get_executor(), pool));
    std::vector<RoutePlan> plans;
    for (std::size_t i = 0; i < found.routes.size(); ++i) {
        // The dimension is not asked for: it changes no count.
        HALCYON_TRY(auto route, render::Route::compile(settings.pipeline.routes.at(i), embedder->identity(),
                                                       1, Distance::cosine));
        const auto& look = found.samples[i]->look;
        plans.push_back(init::estimate(std::move(route), embedder->limits(), look.sample, look.documents));
    }
    return plans;
}

/// Nothing: it is written; else why not.
std::optional<std::string> write(const std::string& file, std::string_view text, bool over) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (over ? O_TRUNC : O_EXCL), 0644);
    if (fd < 0) return std::strerror(errno);
    std::optional<std::string> failed;
    while (!text.empty() && !failed) {
        const auto n = ::write(fd, text.data(), text.size());
        if (n < 0 && errno != EINTR) failed = std::strerror(errno);
        if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::close(fd) != 0 && !failed) failed = std::strerror(errno);
    return failed;
}

/// What is wrong with the flags.
std::optional<std::string> mistake(const InitOptions& o, const mongo::Options& mongodb) {
    if (mongodb.uri.empty())
        return "--mongodb is missing (or MONGODB_URI), e.g. --mongodb "
               "'mongodb://127.0.0.1:27017/?replicaSet=rs0'";
    if (const auto good = mongo::check(mongodb); !good) return "--mongodb: " + good.error().context;
    qdrant::Options qdrant;
    qdrant.url = o.qdrant;
    if (const auto good = qdrant::check(qdrant); !good) return "--qdrant: " + good.error().context;
    if (const auto origin = net::parse_origin(o.qdrant); !origin)
        return "--qdrant: " + origin.error().context;
    return {};
}

Exit write_proposal(const InitOptions& o, Proposal proposal, const Found& found, bool over, bool uri_is_set) {
    const auto text = init::settings_text(proposal);
    const auto loaded = read_settings(o.output, text, {});
    if (!loaded.mistakes.empty()) {
        for (const auto& m : loaded.mistakes) fmt::print(stderr, "{}\n", m.message());
        return end(Exit::failed,
                   "halcyon would have written settings that it does not take: a mistake of "
                   "halcyon, please report it. Nothing was written");
    }
    const auto plans = cost(loaded.settings, found);
    if (!plans) return end(Exit::failed, "{}", describe(plans.error()));
    if (const auto failed = write(o.output, text, over))
        return end(Exit::failed, "{} cannot be written: {}", o.output, *failed);
    const auto notes = warnings(plans.value(), loaded.settings.pipeline, true);
    if (o.json)
        fmt::print("{}\n", init::report_json(proposal, o.output, plans.value(), notes));
    else
        fmt::print("{}{}", init::report_text(proposal, plans.value(), notes),
                   init::next_steps(proposal, o.output, uri_is_set));
    return Exit::done;
}

}  // namespace

Exit init_command(const InitOptions& o, const settings::Environment& environment) {
    const auto variable = environment.find("MONGODB_URI");
    const std::string from_environment = variable == environment.end() ? "" : variable->second;
    mongo::Options mongodb;
    mongodb.uri = o.mongodb.empty() ? from_environment : o.mongodb;
    if (const auto wrong = mistake(o, mongodb)) return end(Exit::usage, "{}", *wrong);
    mongo::mask_secrets(mongodb);

    const auto ask = person(o);
    std::error_code ignored;  // a folder that can't be looked into takes no file either: `write` says so
    const bool there = std::filesystem::exists(o.output, ignored);
    if (there) {
        const auto over = ask ? init::ask_overwrite(o.output, *ask) : std::optional(false);
        if (!over) return stopped();
        if (!*over)
            return end(Exit::usage,
                       "{} is there already and stays as it is; --output FILE writes another one", o.output);
    }
    const auto survey = init::survey(mongodb, o.database);
    if (!survey) {
        const bool away = is_away(survey.error());
        return end(away ? Exit::unreachable : Exit::failed, "{}{}", describe(survey.error()),
                   away ? fmt::format("\nno MongoDB answers on {}: start it, or give another --mongodb",
                                      mongo::hosts_of(mongodb))
                        : "");
    }
    auto found = find_routes(survey.value());
    if (found.routes.empty()) {
        for (const auto& [ns, why] : found.not_routed)
            fmt::print(stderr, "{}\n", cli::visible(fmt::format("{}: {}", ns, why)));
        return end(
            Exit::failed,
            "no collection with text was found{}; nothing was written. A route can be written by hand: "
            "conf/quickstart.yaml",
            o.database.empty() ? "" : " in " + o.database);
    }
    if (ask) {
        if (!ask_all(found, *ask)) return stopped();
    } else {
        fmt::print(stderr,
                   "nobody is asked: every collection with text gets a route, with the texts that were "
                   "found\n");
    }
    init::name_targets(found.routes);
    Proposal proposal{mongodb.uri, o.qdrant, o.embedder, found.routes, found.not_routed};
    return write_proposal(o, std::move(proposal), found, there, from_environment == mongodb.uri);
}

}  // namespace halcyon::app
