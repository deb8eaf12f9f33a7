// Documents that need a person.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <functional>

#include "cli/question.hpp"
#include "cli/table.hpp"
#include "net/server/message.hpp"

namespace halcyon::cli {
namespace {

namespace json = boost::json;

std::string letter_body(const LetterChoice& which) {
    if (which.all) return R"({"all":true})";
    return json::serialize(
        json::object{{"collection", which.collection}, {"namespace", which.ns}, {"id", which.id}});
}

Exit act(const Target& target, const LetterChoice& which, const char* what, const char* said) {
    const auto a = question(target, "POST", fmt::format("/v1/dead-letters/{}", what), letter_body(which));
    if (a.exit != Exit::done) return without_answer(target, a);
    if (target.json)
        fmt::print("{}\n", a.raw);
    else
        fmt::print("{} {}\n", grouped(number(a.body(), "letters")), said);
    return Exit::done;
}

/// Page by page, until there is none or one fails; that answer, or the last.
Answer each_page(const Target& target, const std::optional<std::string>& collection,
                 const std::function<void(const Answer&)>& page) {
    std::string from;
    for (;;) {
        auto path = fmt::format("/v1/dead-letters?limit=1000{}{}",
                                collection ? "&collection=" + net::percent_encode(*collection) : "",
                                from.empty() ? "" : "&from=" + net::percent_encode(from));
        auto a = question(target, "GET", path);
        if (a.exit != Exit::done) return a;
        page(a);
        from = text(a.body(), "next");
        if (from.empty()) return a;
    }
}

Answer every_letter(const Target& target, const std::optional<std::string>& collection, json::array& all) {
    return each_page(target, collection, [&](const Answer& a) {
        for (const auto& row : rows(a.body(), "letters")) all.push_back(row);
    });
}

}  // namespace

std::string letters_text(const std::string& reply) {
    const auto body = json::parse(reply).as_object();
    Table table({"COLLECTION", "NAMESPACE", "ID", "LAST", "ATTEMPTS", "CODE", "REASON"});
    for (const auto& r : rows(body, "letters")) {
        const auto& o = r.as_object();
        table.add({text(o, "collection"), text(o, "namespace"), text(o, "id"), text(o, "last"),
                   text(o, "attempts"), text(o, "code"), shortened(text(o, "reason"), 100)});
    }
    return rows(body, "letters").empty() ? "no dead letters\n" : table.text();
}

Exit list_letters(const Target& target, const std::optional<std::string>& collection) {
    json::array all;
    const auto last = every_letter(target, collection, all);
    if (last.exit != Exit::done) return without_answer(target, last);
    const auto reply = json::serialize(json::object{{"letters", std::move(all)}});
    print_reply(target.json, reply, letters_text);
    return Exit::done;
}

std::string letter_lines(const std::string& reply) {
    const auto body = json::parse(reply).as_object();
    std::string out;
    for (const auto& row : rows(body, "letters")) out += json::serialize(row) + "\n";
    return out;
}

Exit export_letters(const Target& target, const std::optional<std::string>& collection) {
    const auto last =
        each_page(target, collection, [](const Answer& a) { fmt::print("{}", letter_lines(a.raw)); });
    return last.exit == Exit::done ? Exit::done : without_answer(target, last);
}

Exit show_letter(const Target& target, const LetterChoice& which) {
    json::array all;
    const auto last = every_letter(target, which.collection, all);
    if (last.exit != Exit::done) return without_answer(target, last);
    for (const auto& r : all) {
        const auto& o = r.as_object();
        if (text(o, "namespace") != which.ns || text(o, "id") != which.id) continue;
        if (target.json) {
            fmt::print("{}\n", json::serialize(o));
            return Exit::done;
        }
        for (const auto& [name, value] : o)
            fmt::print("{:<11} {}\n", std::string(name), visible(text(o, name)));
        return Exit::done;
    }
    fmt::print(stderr, "{} of {} has no dead letter in {}; `halcyon dead-letters list` shows all\n", which.id,
               which.ns, which.collection);
    return Exit::unknown_id;
}

Exit retry_letters(const Target& target, const LetterChoice& which) {
    return act(target, which, "retry", "to be tried again");
}
Exit drop_letters(const Target& target, const LetterChoice& which) {
    return act(target, which, "drop", "dropped");
}

}  // namespace halcyon::cli
