#include "cli/completion.hpp"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

using halcyon::cli::completion;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct Tree {
    CLI::App root{"a program", "halcyon"};
    std::string file, mode, level, seconds, name;
    bool json = false;
    Tree() {
        root.add_option("-c,--config", file, "settings")->type_name("FILE");
        root.add_flag("--json", json, "it's JSON");
        auto* jobs = root.add_subcommand("jobs", "the jobs");
        jobs->add_option("--watch", seconds, "again")->expected(0, 1);
        jobs->add_subcommand("show", "one of them")->add_option("--name", name, "a name");
        root.add_subcommand("fill", "fill it")
            ->add_option("--mode", mode, "how")
            ->check(CLI::IsMember({"full", "partly"}));
        root.add_subcommand("level", "set it")
            ->add_option("level", level, "which")
            ->check(CLI::IsMember({"info", "debug"}));
    }
};

}  // namespace

TEST_CASE("a script for bash knows commands, options, choices and files") {
    const auto text = completion(Tree().root, "bash");
    CHECK(has(text, "words='jobs fill level'"));
    CHECK(has(text, "jobs/show) place='jobs/show' ;;"));
    CHECK(has(text, "options='--name --watch'"));  // what a command does not know goes to the one around it
    CHECK(
        has(text,
            "\"fill:--mode\")\n            mapfile -t COMPREPLY < <(compgen -W 'full partly' -- \"$cur\")"));
    CHECK(has(text, "words='info debug'"));
    CHECK(has(text, "*:-c | *:--config)\n            compopt -o filenames"));
    CHECK(has(text, "-c | --config | --name | --mode)\n                ((i++))"));  // --watch may stand alone
}

TEST_CASE("scripts for zsh and fish carry descriptions") {
    const auto zsh = completion(Tree().root, "zsh");
    CHECK(zsh.starts_with("#compdef halcyon\n"));
    CHECK(has(zsh, "'--json:it'\\''s JSON'"));
    CHECK(has(zsh, "compadd -- full partly"));
    const auto fish = completion(Tree().root, "fish");
    CHECK(has(fish, "complete -c halcyon -n \"__halcyon_at 'jobs'\" -a show -d 'one of them'"));
    CHECK(has(fish, "complete -c halcyon -s c -l config -r -F -d 'settings'"));
    CHECK(has(fish, "-d 'it\\'s JSON'"));
    CHECK(has(fish, "-l mode -x -a 'full partly'"));
}

TEST_CASE("another shell is a bug of the caller") {
    CHECK_THROWS_AS(completion(Tree().root, "cmd"), std::logic_error);
}
