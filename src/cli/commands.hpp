// The commands that speak to a running sidecar.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/exit_code.hpp"

namespace halcyon::cli {

struct Target {
    std::string socket;  // STATE/control.sock
    bool json = false;   // the sidecar's own reply instead of tables
};

/// Each prints to standard output (errors and what to do next: standard error) and says how it went.
/// `unreachable`: nobody listens on the socket; nothing was printed, so that the caller may read the folder
/// instead.
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

struct RetryChoice {
    std::string ns;
    std::vector<std::string> ids;
    std::string collection;  // empty: all that the namespace is routed to
    bool failed = false;     // all that have failed instead
    bool force = false;
    bool reset = false;
};
Exit retry_documents(const Target& target, const RetryChoice& which);
/// `unknown_id`: no side knows the document; what they say is printed all the same.
Exit explain(const Target& target, const std::string& ns, const std::string& id);

/// The same tables from replies that were made without a sidecar.
void print_status(const std::string& reply);
void print_letters(const std::string& reply);
void print_lines(const std::string& reply);
void print_documents(const std::string& reply);
void print_explanation(const std::string& reply);

}  // namespace halcyon::cli
