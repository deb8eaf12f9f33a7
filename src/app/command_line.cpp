#include "app/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/log.hpp"
#include "cli/completion.hpp"

namespace halcyon::app {

std::optional<AppSettings> CommandLine::settings_or_mistakes() {
    const auto& file = access.config;
    if (route.given() && !file.empty()) {
        fmt::print(stderr, "-c and flags such as --from exclude each other; give one of them\n");
        return std::nullopt;
    }
    const auto environment = settings::process_environment();
    auto loaded = route.given()
                      ? read_flags(route, environment)
                      : load_settings(file.empty() ? std::nullopt : std::optional(file), environment);
    for (const auto& secret : loaded.secrets) log::mask(secret);
    if (loaded.mistakes.empty()) {
        for (const auto& note : loaded.notes) fmt::print(stderr, "{}\n", note);
        return std::move(loaded.settings);
    }
    for (const auto& m : loaded.mistakes) fmt::print(stderr, "{}\n", m.message());
    fmt::print(stderr, "{} mistake{}; nothing was started\n", loaded.mistakes.size(),
               loaded.mistakes.size() == 1 ? "" : "s");
    return std::nullopt;
}

std::function<void()> CommandLine::with_settings(std::function<cli::Exit(AppSettings)> f) {
    return [this, f = std::move(f)] {
        auto settings = settings_or_mistakes();
        exit = settings ? f(std::move(*settings)) : cli::Exit::usage;
    };
}

std::function<void()> CommandLine::asking(std::function<cli::Exit(cli::Target)> f,
                                          std::function<cli::Exit(const AppSettings&)> stored) {
    return [this, f = std::move(f), stored = std::move(stored)] { ask(f, stored); };
}

void CommandLine::ask(const std::function<cli::Exit(cli::Target)>& f,
                      const std::function<cli::Exit(const AppSettings&)>& stored) {
    exit = cli::Exit::usage;
    const auto choice = cli::choose_access(access, settings::process_environment());
    if (choice.has_error()) {
        fmt::print(stderr, "{}\n", choice.error().context);
        return;
    }
    for (const auto& warning : choice.value().warnings) fmt::print(stderr, "{}\n", warning);
    if (choice.value().access) {
        log::mask(choice.value().access->token);
        exit = f({.access = *choice.value().access, .json = json});
        return;
    }
    const auto settings = settings_or_mistakes();
    if (!settings) return;
    cli::Target target{.access = {.url = cli::unix_url(settings->state.path + "/control.sock")},
                       .json = json};
    if (stored) target.stored = [&] { return stored(*settings); };
    exit = f(std::move(target));
}

std::shared_ptr<int> add_watch(CLI::App& command) {
    auto seconds = std::make_shared<int>(0);
    command.add_option("--watch", *seconds, "again each so many seconds (2) until Ctrl-C")
        ->type_name("SECONDS")
        ->expected(0, 1)
        ->default_str("2")
        ->check(CLI::Range(1, 3600));
    return seconds;
}

cli::Target watching(cli::Target target, int seconds) {
    if (seconds > 0) target.watch = std::chrono::seconds(seconds);
    return target;
}

void add_shared_options(CLI::App& root, CommandLine& line) {
    auto& a = line.access;
    root.add_option("-c,--config", a.config,
                    "settings file (default: $HALCYON_CONFIG, ./halcyon.yaml, /etc/halcyon/halcyon.yaml)")
        ->type_name("FILE");
    root.add_flag("--json", line.json, "print JSON instead of tables");
    const auto* group = "Which sidecar is asked (default: that of the settings file, by its Unix socket)";
    const auto option = [&](const char* name, std::string& value, const char* type, const char* help) {
        root.add_option(name, value, help)->type_name(type)->group(group);
    };
    option("--address", a.address, "URL", "http(s)://host:port ($HALCYON_ADDRESS); no settings file is read");
    option("--token-file", a.token_file, "FILE", "a file with the token for it ($HALCYON_TOKEN_FILE)");
    option("--token", a.token, "TEXT", "the token itself, which `ps` may show ($HALCYON_TOKEN)");
    option("--ca-file", a.ca_file, "FILE",
           "PEM of the authority that signed its certificate (default: the system's)");
    option("--socket", a.socket, "FILE", "path of a Unix socket; no settings file is read");
}

void add_completion(CLI::App& root) {
    auto* command = root.add_subcommand("completion", "a script that completes this command line in a shell");
    const auto shell = std::make_shared<std::string>();
    command->add_option("shell", *shell, "the shell that reads it")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->callback([&root, shell] { fmt::print("{}", cli::completion(root, *shell)); });
    command->footer("Example:\n  halcyon completion bash > /etc/bash_completion.d/halcyon");
}

}  // namespace halcyon::app
