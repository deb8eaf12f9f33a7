// Which sidecar a command speaks to, and with what right.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "settings/environment.hpp"

namespace halcyon::cli {

/// As they were typed; the empty ones were not.
struct AccessFlags {
    std::string address{};     // http(s)://host:port, with a path before every request's if there is one
    std::string token{};       //
    std::string token_file{};  // its first line is the token
    std::string ca_file{};     // PEM
    std::string socket{};      // path of a Unix socket
    std::string config{};      // a settings file, which names a state folder with a socket in it
};

struct Access {
    std::string url;      // http://.., https://.. or unix:/..
    std::string token{};  // never printed; empty: none is sent
    std::string ca_file{};
    bool local() const { return url.starts_with("unix:"); }
};

struct Choice {
    /// Nothing: the settings file says where the socket is.
    std::optional<Access> access{};
    std::vector<std::string> warnings{};
};

/// Flags go before the environment (HALCYON_ADDRESS, HALCYON_TOKEN, HALCYON_TOKEN_FILE), an address before
/// the settings; a socket or settings file that was typed goes before an address of the environment. Reads
/// the token's file and nothing else. Errors: {fatal, invalid}, which never show a token.
Result<Choice> choose_access(const AccessFlags& flags, const settings::Environment& environment);

/// "unix:/path", as HttpClient takes it; a relative path begins at the working directory.
std::string unix_url(const std::string& path);

/// The arguments behind the program's name, the last one first, as CLI11 takes them; the token's text in
/// `argv` is blanked out: ps shows what is there.
std::vector<std::string> take_arguments(int argc, char** argv);

}  // namespace halcyon::cli
