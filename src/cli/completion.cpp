#include "cli/completion.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <stdexcept>
#include <vector>

namespace halcyon::cli {
namespace {

struct Option {
    enum class Takes { nothing, maybe, choice, file, text };
    std::vector<std::string> names{};  // with their dashes
    std::string help{};
    Takes takes = Takes::nothing;
    std::vector<std::string> choices{};
};

struct Named {
    std::string name;
    std::string help{};
};

/// A command, by the words that lead to it.
struct Place {
    std::string path{};          // "jobs/show"; the program itself: ""
    std::vector<Named> words{};  // commands in it, or choices of its operands
    std::vector<Option> options{};
};

/// The choices of CLI::IsMember, which describes itself as "TEXT:{a,b}".
std::vector<std::string> choices_of(const CLI::Option& o) {
    const auto type = o.get_type_name();
    const auto open = type.find('{'), close = type.rfind('}');
    if (open == std::string::npos || close == std::string::npos) return {};
    return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

Option option_of(const CLI::Option& o) {
    Option out;
    for (const auto& n : o.get_snames()) out.names.push_back("-" + n);
    for (const auto& n : o.get_lnames()) out.names.push_back("--" + n);
    out.help = o.get_description();
    out.choices = choices_of(o);
    using Takes = Option::Takes;
    out.takes = o.get_items_expected_max() == 0   ? Takes::nothing
                : o.get_items_expected_min() == 0 ? Takes::maybe
                : !out.choices.empty()            ? Takes::choice
                : o.get_type_name() == "FILE"     ? Takes::file
                                                  : Takes::text;
    return out;
}

void add_places(const CLI::App& app, const std::string& path, std::vector<Place>& out) {
    Place place;
    place.path = path;
    const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
    for (const auto* c : commands) place.words.push_back({c->get_name(), c->get_description()});
    const auto add_options = [&place](const CLI::App& owner) {
        // --help is the program's own, and so known everywhere.
        for (const auto* o : owner.get_options())
            if (o->nonpositional() && (!owner.get_parent() || o != owner.get_help_ptr()))
                place.options.push_back(option_of(*o));
    };
    add_options(app);
    // What a command does not know goes to the one around it.
    for (const auto* outer = app.get_parent(); outer && outer->get_parent(); outer = outer->get_parent())
        add_options(*outer);
    for (const auto* o : app.get_options())
        if (!o->nonpositional())
            for (const auto& choice : choices_of(*o)) place.words.push_back({choice, o->get_description()});
    out.push_back(std::move(place));
    for (const auto* c : commands)
        add_places(*c, path.empty() ? c->get_name() : path + "/" + c->get_name(), out);
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
    return fmt::format("{}", fmt::join(words, between));
}

/// In single quotes, for the three shells.
std::string in_quotes(std::string_view text, std::string_view quote = "'\\''") {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'')
            out += quote;
        else
            out += c;
    }
    return out + "'";
}

/// Every option that takes the word behind it, as a pattern of `case`.
std::vector<std::string> with_value(const std::vector<Place>& places) {
    std::vector<std::string> out;
    for (const auto& p : places)
        for (const auto& o : p.options)
            if (o.takes > Option::Takes::maybe)
                for (const auto& n : o.names)
                    if (std::find(out.begin(), out.end(), n) == out.end()) out.push_back(n);
    return out;
}

/// Where a word of the line leads, as lines of `case`.
std::string steps(const std::vector<Place>& places, std::string_view form) {
    std::string out;
    for (const auto& p : places) {
        if (p.path.empty()) continue;
        const auto at = p.path.rfind('/');
        const auto from = at == std::string::npos ? "/" + p.path : p.path;
        out += fmt::format(fmt::runtime(form), from, p.path);
    }
    return out;
}

/// `line(pattern, option)` for each option that takes a value; those of the program itself are known
/// everywhere.
template <class F>
std::string values(const std::vector<Place>& places, F line) {
    std::string out;
    for (const auto& p : places)
        for (const auto& o : p.options) {
            if (o.takes <= Option::Takes::maybe) continue;
            std::vector<std::string> patterns;
            for (const auto& n : o.names)
                patterns.push_back(p.path.empty() ? "*:" + n : fmt::format("\"{}:{}\"", p.path, n));
            out += line(joined(patterns, " | "), o);
        }
    return out;
}

std::vector<std::string> option_names(const Place& place) {
    std::vector<std::string> out;
    for (const auto& o : place.options) out.insert(out.end(), o.names.begin(), o.names.end());
    return out;
}

/// The middle of bash's and zsh's scripts: along the words before the cursor, past values of options, to the
/// place that the word under it belongs to. `word`: how the shell names the word.
std::string walked(const std::vector<Place>& places, std::string_view word) {
    return fmt::format(
               "            {})\n                ((i++))\n                continue\n                ;;\n"
               "        esac\n        case \"$place/${{{}}}\" in\n",
               joined(with_value(places), " | "), word) +
           steps(places, "            {}) place='{}' ;;\n") +
           "        esac\n    done\n    case \"$place:$prev\" in\n";
}

std::string bash(const std::vector<Place>& places) {
    std::string out =
        R"(# bash completion for halcyon. To install: halcyon completion bash > /etc/bash_completion.d/halcyon
_halcyon() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} place='' words='' options='' i
    if [[ $cur == = ]]; then
        cur=''
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
)";
    out += walked(places, "COMP_WORDS[i]");
    out += values(places, [](const std::string& pattern, const Option& o) {
        const auto* act = o.takes == Option::Takes::file
                              ? "compopt -o filenames 2>/dev/null\n            mapfile -t COMPREPLY < "
                                "<(compgen -f -- \"$cur\")\n            return"
                          : o.takes == Option::Takes::text ? "COMPREPLY=()\n            return"
                                                           : nullptr;
        return act ? fmt::format("        {})\n            {}\n            ;;\n", pattern, act)
                   : fmt::format(
                         "        {})\n            mapfile -t COMPREPLY < <(compgen -W {} -- \"$cur\")\n"
                         "            return\n            ;;\n",
                         pattern, in_quotes(joined(o.choices, " ")));
    });
    out += "    esac\n    case $place in\n";
    for (const auto& p : places) {
        std::vector<std::string> words;
        for (const auto& w : p.words) words.push_back(w.name);
        out += fmt::format("        {})\n            words={}\n            options={}\n            ;;\n",
                           p.path.empty() ? "''" : p.path, in_quotes(joined(words, " ")),
                           p.path.empty() ? "''" : in_quotes(joined(option_names(p), " ")));
    }
    return out + R"(    esac
    [[ $cur == -* || -z $words ]] && words="$options )" +
           joined(option_names(places.front()), " ") + R"("
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _halcyon halcyon
)";
}

std::string zsh(const std::vector<Place>& places) {
    std::string out = R"(#compdef halcyon
# zsh completion for halcyon. To install: halcyon completion zsh > "${fpath[1]}/_halcyon"
_halcyon() {
    local place='' prev=${words[CURRENT - 1]} i
    local -a commands options
    for ((i = 2; i < CURRENT; i++)); do
        case ${words[i]} in
)";
    out += walked(places, "words[i]");
    out += values(places, [](const std::string& pattern, const Option& o) {
        const auto act = o.takes == Option::Takes::file     ? "_files"
                         : o.takes == Option::Takes::choice ? "compadd -- " + joined(o.choices, " ")
                                                            : "_message " + in_quotes(o.help);
        return fmt::format("        {})\n            {}\n            return\n            ;;\n", pattern, act);
    });
    out += "    esac\n    case $place in\n";
    const auto described = [](const std::string& name, const std::string& help) {
        return "\n                " + in_quotes(name + ":" + help);
    };
    const auto options_of = [&](const Place& p) {
        std::string list;
        for (const auto& o : p.options)
            for (const auto& n : o.names) list += described(n, o.help);
        return list;
    };
    for (const auto& p : places) {
        std::string commands;
        for (const auto& w : p.words) commands += described(w.name, w.help);
        out +=
            fmt::format("        {})\n            commands=({})\n            options=({})\n            ;;\n",
                        p.path.empty() ? "''" : p.path, commands, p.path.empty() ? "" : options_of(p));
    }
    out += "    esac\n    options+=(" + options_of(places.front()) + ")\n";
    return out + R"(    if [[ $PREFIX == -* || ${#commands} -eq 0 ]]; then
        _describe -o option options
    else
        _describe command commands
    fi
}
if [[ ${funcstack[1]} == _halcyon ]]; then
    _halcyon "$@"
else
    compdef _halcyon halcyon
fi
)";
}

std::string fish(const std::vector<Place>& places) {
    const auto text = [](std::string_view s) { return in_quotes(s, "\\'"); };
    std::string out =
        R"(# fish completion for halcyon. To install: halcyon completion fish > ~/.config/fish/completions/halcyon.fish
function __halcyon_at
    set -l place ''
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
)";
    out += fmt::format(
        "            case {}\n                set skip 1\n                continue\n        end\n"
        "        switch \"$place/$word\"\n",
        joined(with_value(places), " "));
    out += steps(places, "            case {}\n                set place {}\n");
    out += "        end\n    end\n    test \"$place\" = \"$argv[1]\"\nend\ncomplete -c halcyon -f\n";
    for (const auto& p : places) {
        const auto condition = fmt::format("-n \"__halcyon_at '{}'\"", p.path);
        for (const auto& w : p.words)
            out += fmt::format("complete -c halcyon {} -a {} -d {}\n", condition, w.name, text(w.help));
        for (const auto& o : p.options) {
            out += "complete -c halcyon" + (p.path.empty() ? "" : " " + condition);
            for (const auto& n : o.names)
                out += n.starts_with("--") ? " -l " + n.substr(2) : " -s " + n.substr(1);
            if (o.takes == Option::Takes::file) out += " -r -F";
            if (o.takes == Option::Takes::text) out += " -x";
            if (o.takes == Option::Takes::choice) out += " -x -a " + text(joined(o.choices, " "));
            out += " -d " + text(o.help) + "\n";
        }
    }
    return out;
}

}  // namespace

std::string completion(const CLI::App& root, std::string_view shell) {
    std::vector<Place> places;
    add_places(root, "", places);
    if (shell == "bash") return bash(places);
    if (shell == "zsh") return zsh(places);
    if (shell == "fish") return fish(places);
    throw std::logic_error("no such shell");
}

}  // namespace halcyon::cli
