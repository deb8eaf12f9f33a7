// Scripts that complete the command line in a shell, made from the command line itself.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace halcyon::cli {

/// Completes commands, options, their choices and files. `shell`: bash, zsh or fish (std::logic_error for any
/// other). Pure.
std::string completion(const CLI::App& root, std::string_view shell);

}  // namespace halcyon::cli
