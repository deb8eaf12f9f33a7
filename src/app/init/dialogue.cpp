#include "app/init/dialogue.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "cli/table.hpp"
#include "settings/similar.hpp"

namespace halcyon::app::init {
namespace {

/// What stands between commas, without blanks at the ends; empty pieces are none.
std::vector<std::string> pieces(std::string_view text) {
    std::vector<std::string> out;
    for (std::size_t from = 0; from <= text.size();) {
        const auto end = std::min(text.find(',', from), text.size());
        auto piece = text.substr(from, end - from);
        const auto first = piece.find_first_not_of(" \t\r");
        if (first != std::string_view::npos)
            out.emplace_back(piece.substr(first, piece.find_last_not_of(" \t\r") - first + 1));
        from = end + 1;
    }
    return out;
}

/// 1 to `most`; 0: it is none of these.
std::size_t number(std::string_view text, std::size_t most) {
    std::size_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    return error == std::errc{} && end == text.data() + text.size() && n <= most ? n : 0;
}

/// "2", "1-3" or a namespace as indexes; empty: it is none.
std::vector<std::size_t> indexes_of(const std::string& piece, const std::vector<RouteProposal>& routes) {
    const auto named = std::ranges::find(routes, piece, [](const auto& r) { return r.from.text(); });
    if (named != routes.end()) return {static_cast<std::size_t>(named - routes.begin())};
    const auto dash = piece.find('-');
    const auto first = number(std::string_view(piece).substr(0, dash), routes.size());
    const auto last =
        dash == std::string::npos ? first : number(std::string_view(piece).substr(dash + 1), routes.size());
    std::vector<std::size_t> out;
    for (auto i = first; i > 0 && i <= last; ++i) out.push_back(i - 1);
    return out;
}

/// Asks until `read` gives something; it puts its reason into the text that it gets.
template <class T, class Read>
std::optional<T> until_understood(const std::string& question, const Ask& ask, Read read) {
    std::string before;
    for (;;) {
        const auto line = ask(before + question);
        if (!line) return {};
        std::string why;
        if (std::optional<T> answer = read(pieces(*line), why)) return answer;
        before = why + "\n";
    }
}

}  // namespace

std::optional<std::vector<std::size_t>> ask_routes(const std::vector<RouteProposal>& routes, const Ask& ask) {
    cli::Table table({"", "COLLECTION", "DOCUMENTS", "TEXT"});
    for (std::size_t i = 0; i < routes.size(); ++i)
        table.add({std::to_string(i + 1), routes[i].from.text(), cli::grouped(routes[i].documents),
                   cli::shortened(fmt::format("{}", fmt::join(routes[i].text, ", ")), 60)});
    const auto question =
        table.text() + "Which shall be kept in Qdrant? Numbers (1,3-5) or names; Enter: all of them: ";
    using Indexes = std::vector<std::size_t>;
    return until_understood<Indexes>(
        question, ask,
        [&](const std::vector<std::string>& words, std::string& why) -> std::optional<Indexes> {
            Indexes out;
            if (words.empty() || words == std::vector<std::string>{"all"}) {
                for (std::size_t i = 0; i < routes.size(); ++i) out.push_back(i);
                return out;
            }
            for (const auto& word : words) {
                const auto these = indexes_of(word, routes);
                if (these.empty()) {
                    why = fmt::format("\"{}\" is none of 1 to {}", word, routes.size());
                    return {};
                }
                out.insert(out.end(), these.begin(), these.end());
            }
            std::ranges::sort(out);
            out.erase(std::unique(out.begin(), out.end()), out.end());
            return out;
        });
}

std::optional<std::vector<std::string>> ask_text(const RouteProposal& route,
                                                 const std::vector<std::string>& candidates, const Ask& ask) {
    auto question = cli::wrapped(
        route.from.text() + " has strings in: ", fmt::format("{}", fmt::join(candidates, ", ")), 100);
    question += cli::visible(
        fmt::format("What of {} is searched? Enter: {}: ", route.from.text(), fmt::join(route.text, ", ")));
    using Names = std::vector<std::string>;
    return until_understood<Names>(
        question, ask, [&](const Names& words, std::string& why) -> std::optional<Names> {
            if (words.empty()) return route.text;
            Names out;
            for (const auto& word : words) {
                if (std::ranges::find(candidates, word) == candidates.end()) {
                    const auto meant = settings::similar(word, candidates);
                    why = fmt::format("no string was seen in \"{}\"{}", word,
                                      meant ? fmt::format("; did you mean {}?", *meant) : "");
                    return {};
                }
                if (std::ranges::find(out, word) == out.end()) out.push_back(word);
            }
            return out;
        });
}

std::optional<bool> ask_overwrite(const std::string& file, const Ask& ask) {
    const auto question = fmt::format("{} is there already. Write over it? y or n; Enter: n: ", file);
    return until_understood<bool>(
        question, ask, [](const std::vector<std::string>& words, std::string& why) -> std::optional<bool> {
            if (words.empty()) return false;
            for (const auto& [word, answer] :
                 {std::pair{"y", true}, {"yes", true}, {"n", false}, {"no", false}})
                if (words.size() == 1 && words[0] == word) return answer;
            why = "y or n?";
            return {};
        });
}

}  // namespace halcyon::app::init
