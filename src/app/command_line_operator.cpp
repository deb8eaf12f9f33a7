// What an operator does to a running sidecar.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/command_line.hpp"
#include "base/log.hpp"

namespace halcyon::app {
namespace {

using cli::Exit;
using cli::Target;

void add_apply(CLI::App& root, CommandLine& line) {
    auto* apply = root.add_subcommand("apply", "show what guards hold, and let it go on");
    const auto orphans = std::make_shared<bool>(false), yes = std::make_shared<bool>(false);
    apply->add_flag("--orphans", *orphans, "instead: what routes that are gone left behind, and remove it");
    apply->add_flag("--yes", *yes, "let it go on, or remove it");
    apply->callback(line.asking([=](const Target& t) { return cli::apply(t, *orphans, *yes); }));
    apply->footer("Examples:\n  halcyon apply\n  halcyon apply --orphans --yes");
}

void add_pausing(CLI::App& root, CommandLine& line, cli::Pausing what, const char* name, const char* help) {
    auto* command = root.add_subcommand(name, help);
    const auto names = std::make_shared<std::vector<std::string>>();
    const auto all = std::make_shared<bool>(false);
    command->add_option("collections", *names, "collections of the settings");
    command->add_flag("--all", *all, "every collection");
    command->callback([run = line.asking([=](const Target& t) { return cli::set_pause(t, what, *names); }),
                       names, all, &line] {
        if (*all != names->empty()) {
            fmt::print(stderr, "which ones? COLLECTION..., or --all\n");
            line.exit = Exit::usage;
            return;
        }
        run();
    });
    command->footer(fmt::format("Examples:\n  halcyon {0} products\n  halcyon {0} --all", name));
}

void add_backfill(CLI::App& root, CommandLine& line) {
    auto* backfill =
        root.add_subcommand("backfill", "compare, or write anew, what is in MongoDB: a job of the sidecar");
    const auto which = std::make_shared<cli::BackfillChoice>();
    backfill->add_option("--collection", which->collection, "only into this collection");
    backfill->add_option("--namespace", which->ns, "only from this database.collection");
    backfill
        ->add_option("--mode", which->mode,
                     "incremental: what differs (default); skip_if_exists: what is missing; full: everything "
                     "is embedded and written again")
        ->check(CLI::IsMember({"incremental", "skip_if_exists", "full"}));
    backfill->add_flag("--dry-run", which->dry_run, "write nothing; say what it would cost");
    backfill
        ->add_option("--max-pending", which->max_pending,
                     "stand back while more documents than this wait; 0: never")
        ->check(CLI::NonNegativeNumber);
    backfill->add_flag("--wait", which->wait, "until it has ended (default on a terminal, without --json)");
    backfill->callback(line.asking([which](const Target& t) { return cli::backfill(t, *which); }));
    backfill->footer(
        "Exit code when it is followed: 0 done, 1 failed or cancelled, 5 a guard holds it and standard "
        "output is "
        "no terminal.\nCtrl-C ends only the following; the job goes on.\n"
        "Examples:\n  halcyon backfill --collection products --dry-run\n"
        "  halcyon backfill --namespace shop.products --mode full --max-pending 6000 --wait");
}

void add_jobs(CLI::App& root, CommandLine& line) {
    auto* jobs = root.add_subcommand("jobs", "long work of the sidecar, newest first");
    jobs->require_subcommand(0, 1);
    const auto watch = add_watch(*jobs);
    const auto list = line.asking([watch](const Target& t) { return cli::list_jobs(watching(t, *watch)); },
                                  [&line](const AppSettings& s) { return stored_jobs(s, line.json); });
    jobs->callback([=] {
        if (jobs->get_subcommands().empty()) list();
    });
    jobs->add_subcommand("list", "all that are remembered (what `jobs` alone does)")->callback(list);
    const auto id = std::make_shared<std::string>();
    const auto with_id = [&](const char* name, const char* help) {
        auto* command = jobs->add_subcommand(name, help);
        command->add_option("id", *id, "as `jobs` shows it")->required();
        return command;
    };
    with_id("show", "one, with its routes and what came of it")->callback(line.asking([=](const Target& t) {
        return cli::show_job(watching(t, *watch), *id);
    }));
    for (const auto& [name, help] :
         {std::pair("pause", "it keeps its place until it is resumed, also over a restart"),
          std::pair("resume", "let it go on"), std::pair("cancel", "end it; what it has written stays")})
        with_id(name, help)->callback(line.asking([=](const Target& t) {
            return cli::act_on_job(t, *id, name);
        }));
    jobs->footer(
        "Examples:\n  halcyon jobs --watch\n  halcyon jobs show 20261128-010203-a1b2 --watch 5\n"
        "  halcyon jobs cancel 20261128-010203-a1b2");
}

void add_log_level(CLI::App& root, CommandLine& line) {
    auto* command =
        root.add_subcommand("log-level", "show the sidecar's log level, or change it while it runs");
    const auto level = std::make_shared<std::string>();
    std::vector<std::string> levels;
    for (const auto& [name, value] : log::levels) levels.emplace_back(name);
    command->add_option("level", *level, "what is logged from now on; without it: show it")
        ->check(CLI::IsMember(levels));
    command->callback(line.asking([level](const Target& t) { return cli::log_level(t, *level); }));
    command->footer("Example:\n  halcyon log-level debug");
}

}  // namespace

void add_operator_commands(CLI::App& root, CommandLine& line) {
    add_apply(root, line);
    add_pausing(root, line, cli::Pausing::pause, "pause",
                "stop writing into collections; what changes meanwhile becomes owed");
    add_pausing(root, line, cli::Pausing::resume, "resume", "let collections go on that were paused");
    add_backfill(root, line);
    add_jobs(root, line);
    add_log_level(root, line);
    auto* settings = root.add_subcommand("settings", "the sidecar's settings in effect, secrets masked");
    settings->callback(line.asking(cli::settings_in_effect));
    settings->footer("Example:\n  halcyon settings --json | jq '.settings[] | select(.set)'");
}

}  // namespace halcyon::app
