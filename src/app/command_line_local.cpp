// Commands that work from the settings alone, without a sidecar to ask.
#include <CLI/CLI.hpp>
#include <memory>

#include "app/command_line.hpp"
#include "app/init/init_command.hpp"

namespace halcyon::app {
namespace {

void add_init(CLI::App& root, CommandLine& line) {
    const auto o = std::make_shared<InitOptions>();
    auto* command = root.add_subcommand(
        "init", "look at MongoDB and write a settings file: routes, texts, payload, cost");
    command
        ->add_option("--mongodb", o->mongodb,
                     "connection string (default: $MONGODB_URI); its password is not written down")
        ->type_name("URI");
    command->add_option("--database", o->database, "only of this database (default: all)")->type_name("NAME");
    command->add_option("--qdrant", o->qdrant, "REST address (default: http://127.0.0.1:6333)")
        ->type_name("URL");
    command
        ->add_option("--embedder", o->embedder,
                     "lexical (the default: built in, finds words, asks no model), openai, tei, ollama")
        ->check(CLI::IsMember({"lexical", "openai", "tei", "ollama"}))
        ->type_name("TYPE");
    command->add_option("--output", o->output, "the file (default: halcyon.yaml)")->type_name("FILE");
    command->add_flag("--yes", o->yes, "ask nothing, take what is proposed; a file that is there stays");
    command->footer(
        "Of each collection up to 200 documents are read; nothing is written to MongoDB or Qdrant. For "
        "example:\n  halcyon init --mongodb 'mongodb://127.0.0.1:27017/?replicaSet=rs0' --database shop");
    command->callback([o, &line] {
        o->json = line.json;
        line.exit = init_command(*o, settings::process_environment());
    });
}

void add_run(CLI::App& root, CommandLine& line) {
    auto* run = root.add_subcommand("run", "keep the collections true until a signal");
    run->callback(
        line.with_settings([&line](AppSettings s) { return run_command(line.driver, std::move(s)); }));
    add_route_flags(*run, line.route);
}

void add_check(CLI::App& root, CommandLine& line) {
    auto* check = root.add_subcommand(
        "check", "check the settings, then ask MongoDB, Qdrant and the embedders what run needs of them");
    const auto offline = std::make_shared<bool>(false);
    check->add_flag("--offline", *offline, "only the settings");
    check->callback(line.with_settings([&line, offline](AppSettings s) {
        return check_command(line.driver, std::move(s), *offline, line.json);
    }));
    add_route_flags(*check, line.route);
}

void add_plan(CLI::App& root, CommandLine& line) {
    auto* plan = root.add_subcommand(
        "plan", "what a run would do and cost: documents, texts, tokens, requests; changes nothing");
    plan->callback(line.with_settings(
        [&line](AppSettings s) { return plan_command(line.driver, std::move(s), line.json); }));
    add_route_flags(*plan, line.route);
}

void add_search(CLI::App& root, CommandLine& line) {
    auto* search = root.add_subcommand("search", "find documents by words, as a searcher would");
    const auto wanted = std::make_shared<SearchOptions>();
    search->add_option("collection", wanted->collection, "a collection of the settings")->required();
    search->add_option("words", wanted->words, "what to look for")->required();
    search->add_option("-n,--limit", wanted->limit, "hits")->check(CLI::Range(1, 1000));
    search->callback(line.with_settings([&line, wanted](AppSettings s) {
        wanted->json = line.json;
        return search_command(line.driver, std::move(s), *wanted);
    }));
    search->footer("Example:\n  halcyon search products \"a warm coat\" -n 5");
}

}  // namespace

void add_local_commands(CLI::App& root, CommandLine& line) {
    add_init(root, line);
    add_run(root, line);
    add_check(root, line);
    add_plan(root, line);
    add_search(root, line);
}

}  // namespace halcyon::app
