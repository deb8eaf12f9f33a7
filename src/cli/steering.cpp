// What an operator changes in a running sidecar, and its settings.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/question.hpp"
#include "cli/table.hpp"
#include "net/server/message.hpp"

namespace halcyon::cli {
namespace {

namespace json = boost::json;

std::string listed(const json::array& names) {
    std::string out;
    for (const auto& n : names) out += (out.empty() ? "" : ", ") + json::value_to<std::string>(n);
    return out;
}

std::string paused_text(const json::object& reply, Pausing what) {
    const auto& names = rows(reply, "collections");
    if (names.empty())
        return what == Pausing::pause ? "nothing was there to pause\n" : "nothing was there to resume\n";
    const bool one = names.size() == 1;
    if (what == Pausing::resume)
        return fmt::format("{} {} on; what is owed is written now\n", listed(names), one ? "goes" : "go");
    return fmt::format(
        "{} {} paused, also after a restart: nothing is written there, changes become owed; "
        "`halcyon resume {}` lets {} go on\n",
        listed(names), one ? "is" : "are", one ? json::value_to<std::string>(names.front()) : "--all",
        one ? "it" : "them");
}

}  // namespace

Exit set_pause(const Target& target, Pausing what, const std::vector<std::string>& collections) {
    const std::string word = what == Pausing::pause ? "pause" : "resume";
    std::vector<std::string> paths;
    for (const auto& name : collections)
        paths.push_back(fmt::format("/v1/collections/{}/{}", net::percent_encode(name), word));
    if (paths.empty()) paths.push_back("/v1/" + word);
    auto worst = Exit::done;
    for (const auto& path : paths) {
        const auto a = question(target, "POST", path);
        if (a.nobody) return without_answer(target, a);
        worst = worse(worst, a.exit);
        if (a.exit != Exit::done) continue;
        if (target.json)
            fmt::print("{}\n", a.raw);
        else
            fmt::print("{}", visible_lines(paused_text(a.body(), what)));
    }
    return worst;
}

Exit log_level(const Target& target, const std::string& level) {
    const auto a = level.empty()
                       ? question(target, "GET", "/v1/log")
                       : question(target, "PUT", "/v1/log", json::serialize(json::object{{"level", level}}));
    if (a.exit != Exit::done) return without_answer(target, a);
    if (target.json)
        fmt::print("{}\n", a.raw);
    else
        fmt::print("{}{}\n", visible(text(a.body(), "level")),
                   level.empty() ? "" : ", until the sidecar ends; `log.level` in its settings stays");
    return Exit::done;
}

std::string settings_text(const std::string& reply) {
    const auto body = json::parse(reply).as_object();
    Table table({"SETTING", "VALUE", "FROM"});
    for (const auto& r : rows(body, "settings")) {
        const auto& o = r.as_object();
        table.add({text(o, "path"), text(o, "value"), flag(o, "set") ? "set" : "default"});
    }
    return fmt::format("{}\n\n{}", text(body, "file"), table.text());
}

Exit settings_in_effect(const Target& target) {
    const auto a = question(target, "GET", "/v1/settings");
    if (a.exit != Exit::done) return without_answer(target, a);
    print_reply(target.json, a.raw, settings_text);
    return Exit::done;
}

}  // namespace halcyon::cli
