// Environment variables, and their place in settings.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace halcyon::settings {

/// Name to value. Tests make their own; the program takes its process's once, at start.
using Environment = std::map<std::string, std::string, std::less<>>;

/// A copy of this process's environment.
Environment process_environment();

struct Substituted {
    std::string text;
    /// The variables in it, by name, and what they hold.
    Environment used{};
    /// What is wrong, naming the variable but never its value; then `text` means nothing.
    std::optional<std::string> mistake{};
};

/// `${NAME}` becomes the variable's value, `${NAME:-default}` the default when the variable is unset or empty
/// (the default ends at the first `}`); `$${` stands for `${`. Nothing is replaced twice. Mistakes: an unset
/// variable without default, a name that is none, a missing `}`.
Substituted substitute(std::string_view text, const Environment& environment);

}  // namespace halcyon::settings
