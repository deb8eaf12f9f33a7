// The command line.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "app/commands.hpp"
#include "app/init/init_command.hpp"
#include "app/route_flags.hpp"
#include "app/settings.hpp"
#include "base/log.hpp"
#include "cli/commands.hpp"

namespace {

using halcyon::cli::Exit;
namespace app = halcyon::app;
namespace cli = halcyon::cli;

/// The settings, or every mistake in them on standard error.
std::optional<app::AppSettings> settings_or_mistakes(const std::string& file, const app::RouteFlags& flags) {
    if (flags.given() && !file.empty()) {
        std::fprintf(stderr, "-c and flags such as --from exclude each other; give one of them\n");
        return std::nullopt;
    }
    const auto environment = halcyon::settings::process_environment();
    auto loaded = flags.given()
                      ? app::read_flags(flags, environment)
                      : app::load_settings(file.empty() ? std::nullopt : std::optional(file), environment);
    for (const auto& secret : loaded.secrets) halcyon::log::mask(secret);
    if (loaded.mistakes.empty()) {
        for (const auto& note : loaded.notes) std::fprintf(stderr, "%s\n", note.c_str());
        return std::move(loaded.settings);
    }
    for (const auto& m : loaded.mistakes) std::fprintf(stderr, "%s\n", m.message().c_str());
    std::fprintf(stderr, "%zu mistake%s; nothing was started\n", loaded.mistakes.size(),
                 loaded.mistakes.size() == 1 ? "" : "s");
    return std::nullopt;
}

struct Arguments {
    std::string config;
    app::RouteFlags route;
    bool json = false;
    bool offline = false;
    bool yes = false;
    bool orphans = false;
    std::string collection;
    app::SearchOptions search;
    cli::LetterChoice letter;
    cli::DocumentChoice documents;
    cli::RetryChoice retry;
    std::string explained_namespace, explained_id;
};

int code(Exit e) { return static_cast<int>(e); }

}  // namespace

/// Read by jemalloc before main. Few arenas, since threads hand documents over to each other; what was freed
/// goes back to the system within a second, so that a burst is not paid for ever after.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2,dirty_decay_ms:1000,muzzy_decay_ms:0";
}

int main(int argc, char** argv) try {
    // Before the settings are read: checking the connection string makes the driver talk.
    halcyon::mongo::Driver driver;
    Arguments a;
    Exit exit = Exit::done;
    CLI::App root("halcyon keeps Qdrant collections true to what is in MongoDB.", "halcyon");
    root.set_version_flag("--version", "halcyon " HALCYON_VERSION);
    root.require_subcommand(1);
    root.fallthrough();
    root.add_option("-c,--config", a.config,
                    "settings file (default: $HALCYON_CONFIG, ./halcyon.yaml, /etc/halcyon/halcyon.yaml)");
    root.add_flag("--json", a.json, "print JSON instead of tables");
    root.footer(
        "Exit codes: 0 done, 1 failed or differs, 2 usage or settings, 3 unknown id, 4 unreachable, 5 "
        "stopped by a guard.\n"
        "A settings file to start from: halcyon init, or conf/quickstart.yaml; all settings: "
        "conf/halcyon.yaml.");

    /// Runs `f` with the settings, or says what is wrong with them.
    const auto with_settings = [&](auto f) {
        return [&, f] {
            if (auto s = settings_or_mistakes(a.config, a.route))
                exit = f(std::move(*s));
            else
                exit = Exit::usage;
        };
    };
    const auto target = [&](const app::AppSettings& s) {
        return cli::Target{s.state.path + "/control.sock", a.json};
    };
    /// Asks the sidecar; where none runs, the folder is read instead.
    const auto nobody = [](Exit e, const cli::Target& t) {
        if (e == Exit::unreachable)
            std::fprintf(stderr, "no sidecar answers on %s; start one with `halcyon run`\n",
                         t.socket.c_str());
        return e;
    };

    app::add_init(root, a.json, exit);
    auto* run = root.add_subcommand("run", "keep the collections true until a signal");
    run->callback(with_settings([&](app::AppSettings s) { return app::run_command(driver, std::move(s)); }));
    auto* check = root.add_subcommand(
        "check", "check the settings, then ask MongoDB, Qdrant and the embedders what run needs of them");
    check->add_flag("--offline", a.offline, "only the settings");
    check->callback(with_settings(
        [&](app::AppSettings s) { return app::check_command(driver, std::move(s), a.offline, a.json); }));
    auto* plan = root.add_subcommand(
        "plan", "what a run would do and cost: documents, texts, tokens, requests; changes nothing");
    plan->callback(
        with_settings([&](app::AppSettings s) { return app::plan_command(driver, std::move(s), a.json); }));
    for (auto* command : {run, check, plan}) app::add_route_flags(*command, a.route);
    auto* search = root.add_subcommand("search", "find documents by words, as a searcher would");
    search->add_option("collection", a.search.collection, "a collection of the settings")->required();
    search->add_option("words", a.search.words, "what to look for")->required();
    search->add_option("-n,--limit", a.search.limit, "hits")->check(CLI::Range(1, 1000));
    search->callback(with_settings([&](app::AppSettings s) {
        a.search.json = a.json;
        return app::search_command(driver, std::move(s), a.search);
    }));
    root.add_subcommand("status", "what the sidecar does now")
        ->callback(with_settings([&](app::AppSettings s) {
            const auto e = cli::status(target(s));
            return e == Exit::unreachable ? app::stored_status(s, a.json) : e;
        }));
    root.add_subcommand("health", "exit code 0 if the sidecar is healthy, else why not")
        ->callback(with_settings([&](app::AppSettings s) { return cli::health(target(s)); }));
    auto* apply = root.add_subcommand("apply", "show what guards hold, and let it go on");
    apply->add_flag("--orphans", a.orphans, "instead: what routes that are gone left behind, and remove it");
    apply->add_flag("--yes", a.yes, "let it go on, or remove it");
    apply->callback(with_settings(
        [&](app::AppSettings s) { return nobody(cli::apply(target(s), a.orphans, a.yes), target(s)); }));

    auto* documents = root.add_subcommand("documents", "how documents stand, latest change first");
    documents->add_option("--status", a.documents.status, "synced, pending, stale or failed")
        ->check(CLI::IsMember({"synced", "pending", "stale", "failed"}));
    documents->add_option("--collection", a.documents.collection, "only of this collection");
    documents->add_option("--namespace", a.documents.ns, "only of this database.collection");
    documents->add_option("-n,--limit", a.documents.limit, "documents; 0: all (default: 100)");
    documents->add_option("--from", a.documents.from, "go on where the list before ended");
    documents->callback(with_settings([&](app::AppSettings s) {
        const auto e = cli::documents(target(s), a.documents);
        return e == Exit::unreachable ? app::stored_documents(s, a.documents, a.json) : e;
    }));
    auto* explain =
        root.add_subcommand("explain", "why a document is, or is not, in search: all that is known of it");
    explain->add_option("namespace", a.explained_namespace, "database.collection")->required();
    explain
        ->add_option("id", a.explained_id,
                     "as `documents` shows it, or as it is typed: 5, abc, 24 hex digits")
        ->required();
    explain->callback(with_settings([&](app::AppSettings s) {
        return nobody(cli::explain(target(s), a.explained_namespace, a.explained_id), target(s));
    }));
    auto* retry = root.add_subcommand("retry", "read documents from MongoDB again and try them now");
    retry->add_option("namespace", a.retry.ns, "database.collection");
    retry->add_option("ids", a.retry.ids,
                      "as `documents` shows them, or as they are typed: 5, abc, 24 hex digits");
    retry->add_option("--collection", a.retry.collection, "only in this collection");
    retry->add_flag("--failed", a.retry.failed, "all that have failed, instead of single ones");
    retry->add_flag("--force", a.retry.force,
                    "write them even if nothing differs; also documents nothing is known of");
    retry->add_flag("--reset", a.retry.reset, "forget their failed attempts: the count begins anew");
    retry->callback(with_settings([&](app::AppSettings s) {
        if (a.retry.failed ? !a.retry.ns.empty() : a.retry.ids.empty()) {
            std::fprintf(stderr, "which ones? NAMESPACE ID..., or --failed\n");
            return Exit::usage;
        }
        return nobody(cli::retry_documents(target(s), a.retry), target(s));
    }));

    auto* letters = root.add_subcommand("dead-letters", "documents that need a person");
    letters->require_subcommand(1);
    letters->fallthrough();
    auto* list = letters->add_subcommand("list", "all of them");
    list->add_option("--collection", a.collection, "only of this collection");
    list->callback(with_settings([&](app::AppSettings s) {
        const auto e =
            cli::list_letters(target(s), a.collection.empty() ? std::nullopt : std::optional(a.collection));
        return e == Exit::unreachable
                   ? app::stored_letters(s, a.collection,
                                         a.json ? app::LetterForm::json : app::LetterForm::table)
                   : e;
    }));
    auto* exported =
        letters->add_subcommand("export", "all of them, one JSON object a line, to standard output");
    exported->add_option("--collection", a.collection, "only of this collection");
    exported->callback(with_settings([&](app::AppSettings s) {
        const auto e =
            cli::export_letters(target(s), a.collection.empty() ? std::nullopt : std::optional(a.collection));
        return e == Exit::unreachable ? app::stored_letters(s, a.collection, app::LetterForm::lines) : e;
    }));
    const auto with_key = [&](CLI::App* command) {
        command->add_option("collection", a.letter.collection, "as `list` shows it");
        command->add_option("namespace", a.letter.ns, "database.collection");
        command->add_option("id", a.letter.id, "as `list` shows it");
        return command;
    };
    const auto chosen = [&](auto f) {
        return with_settings([&, f](app::AppSettings s) {
            if (!a.letter.all &&
                (a.letter.collection.empty() || a.letter.ns.empty() || a.letter.id.empty())) {
                std::fprintf(stderr, "which one? collection, namespace and id, or --all\n");
                return Exit::usage;
            }
            return nobody(f(target(s), a.letter), target(s));
        });
    };
    with_key(letters->add_subcommand("show", "one with its payload"))->callback(chosen(&cli::show_letter));
    for (auto [name, help, f] :
         {std::tuple{"retry", "read the document again and try once more", &cli::retry_letters},
          std::tuple{"drop", "forget the letter; the document stays as it is", &cli::drop_letters}}) {
        auto* command = with_key(letters->add_subcommand(name, help));
        command->add_flag("--all", a.letter.all, "every dead letter");
        command->callback(chosen(f));
    }

    try {
        root.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return root.exit(e) == 0 ? code(Exit::done) : code(Exit::usage);
    }
    return code(exit);
} catch (const std::exception& e) {
    std::fprintf(stderr, "halcyon failed: %s\n", e.what());
    return 1;
}
