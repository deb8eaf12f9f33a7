// The whole story of one document, for people.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/question.hpp"
#include "cli/table.hpp"
#include "net/server/message.hpp"

namespace halcyon::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t widest = 100;  // longer lines are hard to read
constexpr std::size_t label_width = 9;
constexpr std::size_t shown_text = 200;
constexpr std::size_t shown_digits = 12;
constexpr std::chrono::seconds patience{55};

std::size_t line_width() { return std::min(terminal_width(), widest); }

/// Or "never".
std::string when(const json::object& o, std::string_view name, std::size_t length = 19) {
    const auto out = moment(o, name, length);
    return out.empty() ? "never" : out;
}

void line(std::string& out, std::string_view label, std::string_view said) {
    out += wrapped(fmt::format("  {:<{}}", label, label_width), said, line_width());
}

std::string digests(const json::object& o) {
    const auto text_digest = text(o, "text_digest");
    if (text_digest.empty()) return "no digests (half written)";
    return fmt::format("text {}, payload {}", text_digest.substr(0, shown_digits),
                       text(o, "payload_digest").substr(0, shown_digits));
}

std::string chunks(const json::object& o) {
    const auto n = number(o, "chunks");
    return fmt::format("{} {}", grouped(n), n == 1 ? "chunk" : "chunks");
}

std::string source_line(const json::object& s) {
    if (const auto error = text(s, "error"); !error.empty()) return "cannot be asked: " + error;
    if (!s.contains("found") || s.at("found").is_null()) return "was not asked";
    if (!flag(s, "found")) return fmt::format("holds no such document, as of {} UTC", when(s, "as_of"));
    return fmt::format("holds it, {} bytes, as of {} UTC", grouped(number(s, "bytes")), when(s, "as_of"));
}

void add_route(std::string& out, const json::object& c) {
    const auto& r = *object(c, "route");
    const auto filter = text(r, "filter");
    const auto* passes = r.if_contains("passes");
    std::string said = "scan " + text(r, "phase");
    if (filter.empty())
        said += "; no filter";
    else
        said += fmt::format("; filter {}{}", filter,
                            !passes || passes->is_null() ? ""
                            : passes->as_bool()          ? " lets it in"
                                                         : " leaves it out");
    line(out, "route", said);
    if (const auto paused = text(c, "paused"); !paused.empty()) line(out, "paused", paused);
}

void add_should(std::string& out, const json::object& c) {
    if (const auto unfit = text(c, "unfit"); !unfit.empty())
        line(out, "should", "cannot be rendered: " + unfit);
    const auto* s = object(c, "should");
    if (!s) return;
    line(
        out, "should",
        fmt::format("{}, {}, {} bytes of text:", chunks(*s), digests(*s), grouped(number(*s, "text_bytes"))));
    line(out, "", fmt::format("\"{}\"", shortened(text(*s, "text"), shown_text)));
}

void add_stored(std::string& out, const json::object& c) {
    const auto* s = object(c, "stored");
    if (!s) return line(out, "receipt", "none");
    if (text(*s, "version").empty())
        line(out, "receipt", "none");
    else if (number(*s, "chunks") == 0)
        line(out, "receipt", fmt::format("holds nothing; version {}", text(*s, "version")));
    else
        line(out, "receipt",
             fmt::format("{}, {}, vector version {}, written {} UTC; version {}", chunks(*s), digests(*s),
                         number(*s, "vector_version"), when(*s, "last_success"), text(*s, "version")));
    if (const auto code = text(*s, "code"); !code.empty())
        line(out, "error",
             fmt::format("{} (attempt {} at {} UTC): {}", code, text(*s, "attempts"),
                         when(*s, "last_attempt"), text(*s, "error")));
    if (const auto why = text(*s, "waits_for"); !why.empty()) line(out, "owed", why);
}

void add_held(std::string& out, const json::object& c) {
    const auto* h = object(c, "held");
    if (!h) return;
    if (h->contains("error")) return line(out, "Qdrant", "cannot be asked: " + text(*h, "error"));
    if (number(*h, "chunks") == 0) return line(out, "Qdrant", "holds nothing of it");
    if (!flag(*h, "agree")) return line(out, "Qdrant", chunks(*h) + " that do not belong together");
    line(out, "Qdrant",
         fmt::format("{}, {}, written {} UTC; version {}", chunks(*h), digests(*h), when(*h, "written"),
                     text(*h, "version")));
}

void add_events(std::string& out, const json::object& body) {
    const auto& events = rows(body, "events");
    if (events.empty()) return;
    out += "\nlately, as far as this process remembers (UTC):\n";
    Table table({"AT", "WHERE", "WHAT", "VERSION"});
    for (const auto& e : events) {
        const auto& o = e.as_object();
        const auto where = text(o, "collection");
        table.add({when(o, "at", 23), where.empty() ? "stream" : where, text(o, "what"), text(o, "version")});
    }
    out += table.text();
}

}  // namespace

std::string explanation_text(const std::string& reply) {
    std::string out;
    const auto body = json::parse(reply).as_object();
    out += fmt::format("{} {}\n", text(body, "namespace"), text(body, "id"));
    if (const auto conclusion = text(body, "conclusion"); !conclusion.empty())
        out += wrapped("  ", conclusion, line_width());
    else if (const auto* s = object(body, "source"))
        line(out, "MongoDB", source_line(*s));
    if (const auto* stream = object(body, "stream"); stream && !flag(*stream, "open"))
        line(out, "stream", "not open: " + text(*stream, "trouble"));
    for (const auto& row : rows(body, "collections")) {
        const auto& c = row.as_object();
        out += fmt::format("\n{}\n", text(c, "collection"));
        out += wrapped("  ", text(c, "conclusion"), line_width()) + "\n";
        add_route(out, c);
        add_should(out, c);
        add_stored(out, c);
        add_held(out, c);
    }
    add_events(out, body);
    return out;
}

Exit explain(const Target& target, const std::string& ns, const std::string& id) {
    const auto a = question(
        target, "GET",
        fmt::format("/v1/explain?namespace={}&id={}", net::percent_encode(ns), net::percent_encode(id)), {},
        patience);
    if (a.exit != Exit::done) return without_answer(target, a);
    print_reply(target.json, a.raw, explanation_text);
    return flag(a.body(), "known") ? Exit::done : Exit::unknown_id;
}

}  // namespace halcyon::cli
