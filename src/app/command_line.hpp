// What the commands share, and where each area of them is registered.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/commands.hpp"
#include "app/route_flags.hpp"
#include "app/settings.hpp"
#include "cli/access.hpp"
#include "cli/commands.hpp"
#include "mongo/driver.hpp"

namespace CLI {
class App;
}

namespace halcyon::app {

/// The options that every command takes, and how the one that ran ended. Outlives the parser: callbacks hold
/// references to it.
class CommandLine {
  public:
    explicit CommandLine(mongo::Driver& d) : driver(d) {}
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    mongo::Driver& driver;
    cli::AccessFlags access{};  // with the settings file in it: -c
    RouteFlags route{};         // of run, check and plan
    bool json = false;
    cli::Exit exit = cli::Exit::done;

    /// A callback that runs `f` with the settings, or says every mistake in them.
    std::function<void()> with_settings(std::function<cli::Exit(AppSettings)> f);
    /// A callback that runs `f` with a sidecar to ask. `stored`: what reads the folder of one that is
    /// stopped; it is asked only where the settings say which folder that is.
    std::function<void()> asking(std::function<cli::Exit(cli::Target)> f,
                                 std::function<cli::Exit(const AppSettings&)> stored = {});

  private:
    std::optional<AppSettings> settings_or_mistakes();
    void ask(const std::function<cli::Exit(cli::Target)>& f,
             const std::function<cli::Exit(const AppSettings&)>& stored);
};

/// `--watch [SECONDS]`; 0 as long as it was not given.
std::shared_ptr<int> add_watch(CLI::App& command);
cli::Target watching(cli::Target target, int seconds);

void add_shared_options(CLI::App& root, CommandLine& line);
/// Those that work from the settings alone: init, run, check, plan, search.
void add_local_commands(CLI::App& root, CommandLine& line);
/// Those that ask a running sidecar: how it is, documents, dead letters, ...
void add_client_commands(CLI::App& root, CommandLine& line);
/// ... and what an operator does to it.
void add_operator_commands(CLI::App& root, CommandLine& line);
/// Of all commands, also of those that are registered later. REQUIRES: `root` lives while it parses.
void add_completion(CLI::App& root);

}  // namespace halcyon::app
