// The commands that speak to a running sidecar.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/access.hpp"
#include "cli/exit_code.hpp"

namespace halcyon::cli {

struct Target {
    Access access;
    bool json = false;  // the sidecar's own reply instead of tables
    /// Asked again each so many seconds until a signal; nothing: once.
    std::optional<std::chrono::seconds> watch{};
    /// What to do when nobody listens on the socket; empty: say so.
    std::function<Exit()> stored{};
};

/// Each prints to standard output (errors and what to do next: standard error) and says how it went.
Exit status(const Target& target);
Exit health(const Target& target);
Exit apply(const Target& target, bool orphans, bool yes);

struct LetterChoice {
    std::string collection;
    std::string ns;
    std::string id;
    bool all = false;
};
Exit list_letters(const Target& target, const std::optional<std::string>& collection);
Exit show_letter(const Target& target, const LetterChoice& which);
Exit retry_letters(const Target& target, const LetterChoice& which);
Exit drop_letters(const Target& target, const LetterChoice& which);
/// One JSON object a line.
Exit export_letters(const Target& target, const std::optional<std::string>& collection);

struct DocumentChoice {
    std::string status;  // the empty ones do not restrict
    std::string collection;
    std::string ns;
    std::string from;         // `next` of the reply before
    std::size_t limit = 100;  // 0: all
};
Exit documents(const Target& target, const DocumentChoice& which);
/// Of a list that goes on at `next`; to standard error.
void say_that_there_are_more(const std::string& next);

struct RetryChoice {
    std::string ns;
    std::vector<std::string> ids;
    std::string collection;  // empty: all that the namespace is routed to
    bool failed = false;     // all that have failed instead
    bool pending = false;    // all that wait instead
    bool force = false;
    bool reset = false;
};
Exit retry_documents(const Target& target, const RetryChoice& which);
/// `unknown_id`: no side knows the document; what they say is printed all the same.
Exit explain(const Target& target, const std::string& ns, const std::string& id);

enum class Pausing { pause, resume };
/// No collections: all of them. One that fails does not keep the others from their turn.
Exit set_pause(const Target& target, Pausing what, const std::vector<std::string>& collections);
/// Empty: shows it.
Exit log_level(const Target& target, const std::string& level);
Exit settings_in_effect(const Target& target);

struct BackfillChoice {
    std::string collection;  // the empty ones do not restrict
    std::string ns;
    std::string mode;  // empty: the sidecar's default
    bool dry_run = false;
    std::optional<std::uint64_t> max_pending{};
    bool wait = false;
};
/// Follows it with `wait`, or on a terminal unless the reply itself is wanted. `failed`: it failed or was
/// cancelled; `guard`: a guard holds it, and nobody is there to see the question. An interrupt ends only the
/// following, with `done`.
Exit backfill(const Target& target, const BackfillChoice& which);
Exit list_jobs(const Target& target);
Exit show_job(const Target& target, const std::string& id);
/// `act`: pause, resume or cancel.
Exit act_on_job(const Target& target, const std::string& id, const std::string& act);

/// The same for people from replies that were made without a sidecar. Whole lines.
std::string status_text(const std::string& reply);
std::string letters_text(const std::string& reply);
std::string documents_text(const std::string& reply);
std::string jobs_text(const std::string& reply);
std::string job_text(const std::string& reply);
std::string settings_text(const std::string& reply);
std::string explanation_text(const std::string& reply);
/// One JSON object a line.
std::string letter_lines(const std::string& reply);

}  // namespace halcyon::cli
