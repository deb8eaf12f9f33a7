// The commands that need more than a socket.
#pragma once

#include <string>

#include "app/settings.hpp"
#include "cli/commands.hpp"
#include "mongo/driver.hpp"

namespace halcyon::app {

/// The pipeline until a signal; see docs/operating.md.
cli::Exit run_command(mongo::Driver& driver, AppSettings settings);
/// Asks each remote what `run` needs of it. `offline`: the settings are enough.
cli::Exit check_command(mongo::Driver& driver, AppSettings settings, bool offline, bool json);
/// What a run would do and cost; changes nothing.
cli::Exit plan_command(mongo::Driver& driver, AppSettings settings, bool json);
struct SearchOptions {
    std::string collection;
    std::string words;
    unsigned limit = 10;
    bool json = false;
};
cli::Exit search_command(mongo::Driver& driver, AppSettings settings, SearchOptions options);
/// Status, documents, dead letters and jobs from the folder of a sidecar that is stopped. Says so.
cli::Exit stored_status(const AppSettings& settings, bool json);
enum class LetterForm { table, json, lines };
cli::Exit stored_letters(const AppSettings& settings, const std::string& collection, LetterForm form);
cli::Exit stored_documents(const AppSettings& settings, const cli::DocumentChoice& which, bool json);
cli::Exit stored_jobs(const AppSettings& settings, bool json);

}  // namespace halcyon::app
