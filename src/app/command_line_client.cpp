// Commands that ask a running sidecar, or the folder of one that is stopped.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/command_line.hpp"
#include "cli/top/top.hpp"

namespace halcyon::app {
namespace {

using cli::Exit;
using cli::Target;

void add_status(CLI::App& root, CommandLine& line) {
    auto* status = root.add_subcommand("status", "what the sidecar does now");
    const auto watch = add_watch(*status);
    status->callback(line.asking([watch](const Target& t) { return cli::status(watching(t, *watch)); },
                                 [&line](const AppSettings& s) { return stored_status(s, line.json); }));
    status->footer("Examples:\n  halcyon status --watch\n  halcyon status --watch 10 --json >> status.jsonl");
    auto* health = root.add_subcommand("health", "exit code 0 if the sidecar is healthy, else why not");
    health->callback(line.asking(cli::health));
    health->footer("Example, as a probe:\n  halcyon health > /dev/null || alert");
}

void add_documents(CLI::App& root, CommandLine& line) {
    auto* documents = root.add_subcommand("documents", "how documents stand, latest change first");
    const auto which = std::make_shared<cli::DocumentChoice>();
    documents->add_option("--status", which->status, "only those")
        ->check(CLI::IsMember({"synced", "pending", "stale", "failed"}));
    documents->add_option("--collection", which->collection, "only of this collection");
    documents->add_option("--namespace", which->ns, "only of this database.collection");
    documents->add_option("-n,--limit", which->limit, "documents; 0: all (default: 100)")
        ->check(CLI::NonNegativeNumber);
    documents->add_option("--from", which->from, "go on where the list before ended");
    const auto watch = add_watch(*documents);
    documents->callback(
        line.asking([which, watch](const Target& t) { return cli::documents(watching(t, *watch), *which); },
                    [&line, which](const AppSettings& s) { return stored_documents(s, *which, line.json); }));
    documents->footer("Example:\n  halcyon documents --status failed --namespace shop.products");
}

void add_explain(CLI::App& root, CommandLine& line) {
    auto* explain =
        root.add_subcommand("explain", "why a document is, or is not, in search: all that is known of it");
    const auto key = std::make_shared<std::pair<std::string, std::string>>();
    explain->add_option("namespace", key->first, "database.collection")->required();
    explain
        ->add_option("id", key->second, "as `documents` shows it, or as it is typed: 5, abc, 24 hex digits")
        ->required();
    explain->callback(
        line.asking([key](const Target& t) { return cli::explain(t, key->first, key->second); }));
    explain->footer("Example:\n  halcyon explain shop.products 5");
}

void add_retry(CLI::App& root, CommandLine& line) {
    auto* retry = root.add_subcommand("retry", "read documents from MongoDB again and try them now");
    const auto which = std::make_shared<cli::RetryChoice>();
    retry->add_option("namespace", which->ns, "database.collection");
    retry->add_option("ids", which->ids,
                      "as `documents` shows them, or as they are typed: 5, abc, 24 hex digits");
    retry->add_option("--collection", which->collection, "only in this collection");
    auto* failed = retry->add_flag("--failed", which->failed, "all that have failed, instead of single ones");
    retry->add_flag("--pending", which->pending, "all that wait, instead of single ones")->excludes(failed);
    retry->add_flag("--force", which->force,
                    "write them even if nothing differs; also documents nothing is known of");
    retry->add_flag("--reset", which->reset, "forget their failed attempts: the count begins anew");
    retry->callback([run = line.asking([which](const Target& t) { return cli::retry_documents(t, *which); }),
                     which, &line] {
        const bool all = which->failed || which->pending;
        if (all ? !which->ns.empty() : which->ids.empty()) {
            fmt::print(stderr, "which ones? NAMESPACE ID..., or --failed, or --pending\n");
            line.exit = Exit::usage;
            return;
        }
        run();
    });
    retry->footer(
        "Examples:\n  halcyon retry shop.products 5 6\n  halcyon retry --failed --collection products");
}

using Letters = std::shared_ptr<cli::LetterChoice>;

void add_letter_lists(CLI::App* letters, CommandLine& line, const Letters& which) {
    const auto collection = [which] {
        return which->collection.empty() ? std::nullopt : std::optional(which->collection);
    };
    auto* list = letters->add_subcommand("list", "all of them");
    list->add_option("--collection", which->collection, "only of this collection");
    list->callback(line.asking([collection](const Target& t) { return cli::list_letters(t, collection()); },
                               [which, &line](const AppSettings& s) {
                                   return stored_letters(s, which->collection,
                                                         line.json ? LetterForm::json : LetterForm::table);
                               }));
    auto* exported =
        letters->add_subcommand("export", "all of them, one JSON object a line, to standard output");
    exported->add_option("--collection", which->collection, "only of this collection");
    exported->callback(line.asking(
        [collection](const Target& t) { return cli::export_letters(t, collection()); },
        [which](const AppSettings& s) { return stored_letters(s, which->collection, LetterForm::lines); }));
}

void add_letters(CLI::App& root, CommandLine& line) {
    auto* letters = root.add_subcommand("dead-letters", "documents that need a person");
    letters->require_subcommand(1);
    letters->footer(
        "Examples:\n  halcyon dead-letters list --collection products\n"
        "  halcyon dead-letters retry products shop.products 5\n  halcyon dead-letters retry --all");
    const auto which = std::make_shared<cli::LetterChoice>();
    add_letter_lists(letters, line, which);
    const auto single = [&](const char* name, const char* help, auto f) {
        auto* command = letters->add_subcommand(name, help);
        command->add_option("collection", which->collection, "as `list` shows it");
        command->add_option("namespace", which->ns, "database.collection");
        command->add_option("id", which->id, "as `list` shows it");
        command->callback(
            [run = line.asking([f, which](const Target& t) { return f(t, *which); }), which, &line] {
                if (which->all || !(which->collection.empty() || which->ns.empty() || which->id.empty()))
                    return run();
                fmt::print(stderr, "which one? collection, namespace and id, or --all\n");
                line.exit = Exit::usage;
            });
        return command;
    };
    single("show", "one with its payload", cli::show_letter);
    single("retry", "read the document again and try once more", cli::retry_letters)
        ->add_flag("--all", which->all, "every dead letter");
    single("drop", "forget the letter; the document stays as it is", cli::drop_letters)
        ->add_flag("--all", which->all, "every dead letter");
}

void add_top(CLI::App& root, CommandLine& line) {
    auto* top = root.add_subcommand("top", "a live view of the sidecar on the terminal; ? shows its keys");
    top->callback(line.asking(cli::top::run));
    top->footer(
        "Example:\n  halcyon top --address https://search.example:8686 --token-file ~/.halcyon-token");
}

}  // namespace

void add_client_commands(CLI::App& root, CommandLine& line) {
    add_status(root, line);
    add_top(root, line);
    add_documents(root, line);
    add_explain(root, line);
    add_retry(root, line);
    add_letters(root, line);
}

}  // namespace halcyon::app
