// The command line.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "app/command_line.hpp"

namespace {

using halcyon::cli::Exit;
namespace app = halcyon::app;
namespace cli = halcyon::cli;

int code(Exit e) { return static_cast<int>(e); }

}  // namespace

/// Read by jemalloc before main. Few arenas, since threads hand documents over to each other; what was freed
/// goes back to the system within a third of a second, so that a burst is not paid for ever after.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2,dirty_decay_ms:300,muzzy_decay_ms:0";
}

int main(int argc, char** argv) try {
    // Before the settings are read: checking the connection string makes the driver talk.
    halcyon::mongo::Driver driver;
    app::CommandLine line(driver);
    auto arguments = cli::take_arguments(argc, argv);
    CLI::App root("halcyon keeps Qdrant collections true to what is in MongoDB.", "halcyon");
    root.set_version_flag("--version", "halcyon " HALCYON_VERSION);
    root.require_subcommand(1);
    root.fallthrough();
    app::add_shared_options(root, line);
    root.footer(
        "Exit codes: 0 done, 1 failed or differs, 2 usage or settings, 3 unknown id, 4 unreachable, 5 "
        "stopped by a guard.\n"
        "`halcyon COMMAND --help` shows a command's own options and examples.\n"
        "A settings file to start from: halcyon init, or conf/quickstart.yaml; all settings: "
        "conf/halcyon.yaml.");

    app::add_local_commands(root, line);
    app::add_client_commands(root, line);
    app::add_operator_commands(root, line);
    app::add_completion(root);

    try {
        root.parse(std::move(arguments));
    } catch (const CLI::ParseError& e) {
        return root.exit(e) == 0 ? code(Exit::done) : code(Exit::usage);
    }
    return code(line.exit);
} catch (const std::exception& e) {
    std::fprintf(stderr, "halcyon failed: %s\n", e.what());
    return 1;
}
