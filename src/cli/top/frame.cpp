// The picture.
#include <fmt/format.h>

#include <algorithm>

#include "base/time.hpp"
#include "cli/table.hpp"
#include "cli/top/screen.hpp"

namespace halcyon::cli::top {
namespace {

constexpr std::size_t head_lines = 4;  // three and an empty one
constexpr std::size_t bar_width = 12;
constexpr std::size_t most_jobs = 5;
constexpr std::size_t most_reasons = 4;
constexpr std::size_t wide = 100;  // room for more columns, and bars of jobs

enum class Style { plain, bold, reverse, good, busy, bad };

struct Line {
    std::string text{};
    Style style = Style::plain;
};

std::string_view code_of(Style s) {
    switch (s) {
        case Style::bold:
            return "\x1b[1m";
        case Style::reverse:
            return "\x1b[7m";
        case Style::good:
            return "\x1b[32m";
        case Style::busy:
            return "\x1b[36m";
        case Style::bad:
            return "\x1b[31m";
        case Style::plain:
            break;
    }
    return "";
}

Style style_of(Mood mood) {
    return mood == Mood::well ? Style::good : mood == Mood::busy ? Style::busy : Style::bad;
}

std::string per_second(double rate) {
    return rate < 10 ? fmt::format("{:.1f}", rate) : grouped(static_cast<std::uint64_t>(rate + 0.5));
}

/// ". planning, = embedding, # to write" in a bar whose whole width is `full` documents.
std::string queue_bar(const Collection& c, std::uint64_t full) {
    std::string out;
    std::uint64_t before = 0;
    for (const auto& [n, mark] :
         {std::pair(c.planning, '.'), std::pair(c.embedding, '='), std::pair(c.to_write, '#')}) {
        before += n;
        // Something is never shown as nothing.
        const auto end = std::min<std::uint64_t>(bar_width, (before * bar_width + full - 1) / full);
        if (end > out.size()) out.append(end - out.size(), mark);
    }
    return "[" + padded(std::move(out), bar_width) + "]";
}

std::string uptime(const View& v) {
    const auto from = wall_time(v.started), to = wall_time(v.now);
    return from && to ? "up " + duration_text(to->ms - from->ms) : "";
}

std::string rates_line(const Screen& s) {
    if (!s.rates) return "rates come with the next reply";
    return fmt::format("per second: {} events, {} scanned, {} texts in {} requests, {} points written",
                       per_second(s.rates->events), per_second(s.rates->scanned), per_second(s.rates->texts),
                       per_second(s.rates->requests), per_second(s.rates->written));
}

std::vector<Line> head(const Screen& s) {
    const auto& v = *s.view;
    const auto clock = v.now.size() >= 19 ? v.now.substr(11, 8) + " UTC" : "";
    std::vector<Line> out;
    out.push_back({fmt::format("halcyon {}  {}  {}  {}", v.version, s.where, uptime(v), clock), Style::bold});
    if (s.trouble.empty())
        out.push_back({fmt::format("{}; lag {}, history {}{}", v.verdict, v.lag, v.history,
                                   v.memory.empty() ? "" : ", memory " + v.memory),
                       style_of(v.mood)});
    else
        out.push_back({"as it was; " + s.trouble, Style::bad});
    out.push_back({rates_line(s)});
    out.emplace_back();
    return out;
}

std::vector<Line> lines_of(const Table& table) {
    std::vector<Line> out;
    const auto text = table.text();
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        out.push_back({"  " + text.substr(at, end - at)});
        at = end + 1;
    }
    out.front().style = Style::bold;
    return out;
}

/// The heading and at most `room` - 1 collections, the selected one among them.
std::vector<Line> collections(const Screen& s, std::size_t width, std::size_t room) {
    std::vector<std::string> heading{"COLLECTION", "QUEUE",  "UNDER WAY", "WAITING",
                                     "OWED",       "FAILED", "LETTERS"};
    if (width >= wide) heading.emplace_back("DOCUMENTS");
    heading.emplace_back("STATE");
    Table table(heading);
    for (const auto& c : s.view->collections) {
        std::vector<std::string> cells{shortened(c.name, std::max<std::size_t>(10, width / 4)),
                                       queue_bar(c, s.most_queued),
                                       grouped(c.in_flight),
                                       grouped(c.waiting),
                                       grouped(c.owed),
                                       grouped(c.failed),
                                       grouped(c.dead_letters)};
        if (width >= wide) cells.push_back(grouped(c.documents));
        cells.push_back(c.state);
        table.add(std::move(cells));
    }
    auto all = lines_of(table);
    const auto* chosen = s.chosen();
    const auto at = chosen ? static_cast<std::size_t>(chosen - s.view->collections.data()) + 1 : 0;
    for (std::size_t i = 0; i < s.view->collections.size(); ++i)
        if (s.view->collections[i].paused) all[i + 1].style = Style::bad;
    if (at > 0) {
        all[at].text[0] = '>';
        all[at].style = Style::reverse;
    }
    if (all.size() <= room) return all;
    const auto shown = room - 1;
    const auto first = at > shown ? at - shown : 0;
    std::vector<Line> out{all.front()};
    for (std::size_t i = 0; i < shown; ++i) out.push_back(all[1 + first + i]);
    return out;
}

std::vector<Line> jobs(const View& v, std::size_t width, std::size_t room) {
    if (room < 3) return {};
    Table table({"JOB", "WHAT", "STATE", "PROGRESS"});
    for (std::size_t i = 0; i < v.jobs.size() && i + 2 < room; ++i) {
        const auto& j = v.jobs[i];
        const bool drawn = j.share && width >= wide;
        table.add({j.id, j.scope, j.state,
                   (drawn ? fmt::format("[{}]  ", bar(*j.share, bar_width)) : "") + j.progress});
    }
    auto out = lines_of(table);
    out.insert(out.begin(), Line{});
    return out;
}

std::vector<Line> reasons(const View& v, std::size_t room) {
    std::vector<Line> out;
    if (room < 2) return out;
    out.emplace_back();
    for (std::size_t i = 0; i < v.reasons.size() && out.size() < room; ++i)
        out.push_back({"! " + v.reasons[i], Style::bad});
    if (v.reasons.size() + 1 > room && v.reasons.size() > 1)
        out.back().text = fmt::format("! and {} more: `halcyon status`", v.reasons.size() + 2 - room);
    return out;
}

std::vector<Line> help() {
    std::vector<Line> out;
    for (const auto* text :
         {"  up, down (k, j)   select a collection",
          "  p                 pause it, or let it go on; asks first", "  ?                 this page",
          "  q, Ctrl-C         quit", "", "  QUEUE: . being compared   = being embedded   # to be written;",
          "  a full bar is the most that any collection had since this was started",
          "  OWED: noted on disk, read again when its collection takes work",
          "  LETTERS: documents that need a person: `halcyon dead-letters list`", "", "  any key goes back"})
        out.push_back({text});
    return out;
}

std::vector<Line> body(const Screen& s, std::size_t width, std::size_t room) {
    const auto& v = *s.view;
    const auto wanted_jobs = v.jobs.empty() ? 0 : 2 + std::min(v.jobs.size(), most_jobs);
    const auto wanted_reasons = v.reasons.empty() ? 0 : 1 + std::min(v.reasons.size(), most_reasons);
    // The heading and three collections go first, then reasons, then jobs, then the other collections.
    const auto all = 1 + v.collections.size();
    const auto few = std::min({all, std::size_t{4}, room});
    const auto for_reasons = std::min(wanted_reasons, room - few);
    const auto for_jobs = std::min(wanted_jobs, room - few - for_reasons);
    auto out = collections(s, width, std::max(few, std::min(all, room - for_reasons - for_jobs)));
    for (const auto& part : {jobs(v, width, for_jobs), reasons(v, for_reasons)})
        out.insert(out.end(), part.begin(), part.end());
    return out;
}

Line foot(const Screen& s) {
    const auto* chosen = s.chosen();
    if (s.mode == Screen::Mode::asking && chosen)
        return {fmt::format(" {} {}? y / n ", chosen->paused_by_operator ? "resume" : "pause", chosen->name),
                Style::reverse};
    if (!s.note.empty()) return {" " + s.note + " ", Style::reverse};
    return {fmt::format(" q quit   up, down select   p {}   ? help ",
                        chosen && chosen->paused_by_operator ? "resume" : "pause"),
            Style::reverse};
}

}  // namespace

std::string frame(const Screen& screen, std::size_t width, std::size_t height, bool ansi) {
    if (width == 0 || height == 0) return {};
    std::vector<Line> lines;
    if (screen.view) lines = head(screen);
    if (screen.view && height > head_lines + 1) {
        const auto more =
            screen.mode == Screen::Mode::help ? help() : body(screen, width, height - head_lines - 1);
        lines.insert(lines.end(), more.begin(), more.end());
    }
    lines.resize(height - 1);
    lines.push_back(foot(screen));
    std::string out;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0) out += '\n';
        const auto text = shortened(lines[i].text, width);
        const bool styled = ansi && lines[i].style != Style::plain;
        if (styled) out += code_of(lines[i].style);
        out += styled && lines[i].style == Style::reverse ? padded(text, width) : text;
        if (styled) out += "\x1b[0m";
    }
    return out;
}

}  // namespace halcyon::cli::top
