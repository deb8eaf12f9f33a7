// The live view: what replies become, what keys do, what is drawn.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "cli/table.hpp"
#include "cli/top/screen.hpp"

using namespace halcyon;
using namespace halcyon::cli;
using namespace halcyon::cli::top;

namespace {

namespace json = boost::json;

json::object collection(const std::string& name, std::uint64_t queued = 12) {
    return {{"name", name},
            {"paused", false},
            {"reason", ""},
            {"paused_by_operator", false},
            {"in_flight", 3},
            {"waiting", 4},
            {"owed", 5},
            {"documents", 1000},
            {"failed", 1},
            {"dead_letters", 2},
            {"upserted", 100},
            {"removed", 10},
            {"flow", {{"planning", queued / 4}, {"embedding", queued / 2}, {"to_write", queued / 4}}}};
}

json::object status(const json::object& more = {}) {
    json::object out{{"version", "0.1.0"},
                     {"now", "2026-11-28T01:00:00.000Z"},
                     {"started", "2026-11-28T00:00:00.000Z"},
                     {"in_sync", false},
                     {"streaming", true},
                     {"lag_ms", 12},
                     {"events", 1000},
                     {"embedded_texts", 200},
                     {"embedding_requests", 20},
                     {"memory", {{"resident_bytes", 104857600}, {"limit_bytes", 268435456}}},
                     {"history", {{"left_s", 3600}, {"low", false}}},
                     {"ready", {{"ready", true}, {"reasons", json::array{}}}},
                     {"routes", json::array{json::object{{"scanned", 500}}}},
                     {"collections", json::array{collection("products"), collection("articles", 4)}}};
    for (const auto& [name, value] : more) out[name] = value;
    return out;
}

json::object jobs() {
    return {{"jobs", json::array{json::object{
                                     {"id", "old"}, {"state", "done"}, {"ended", "2026-11-28T00:30:00.000Z"}},
                                 json::object{{"id", "bad"}, {"state", "failed"}, {"error", "no such route"}},
                                 json::object{{"id", "new"},
                                              {"state", "running"},
                                              {"collection", "products"},
                                              {"scanned", 10},
                                              {"estimate", 40},
                                              {"share", 0.25}}}}};
}

Screen shown(const json::object& s = status(), const json::object& j = {}) {
    Screen screen;
    screen.where = "unix:/run/control.sock";
    screen.show(view_of(s, j), Rates{1234, 9.94, 0.5, 100, 0});
    return screen;
}

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> out(1);
    for (const char c : text) {
        if (c == '\n')
            out.emplace_back();
        else
            out.back() += c;
    }
    return out;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a view tells how the sidecar is") {
    CHECK(view_of(status(), {}).verdict == "working");
    CHECK(view_of(status(), {}).mood == Mood::busy);
    CHECK(view_of(status({{"in_sync", true}}), {}).mood == Mood::well);
    const auto away =
        view_of(status({{"streaming", false}, {"trouble", "no primary"}, {"lag_ms", nullptr}}), {});
    CHECK(away.verdict == "waiting: no primary");
    CHECK(away.mood == Mood::bad);
    CHECK(away.lag == "unknown");
    const json::array reasons{
        json::object{{"code", "lag"}, {"says", "far behind"}, {"collection", "products"}}};
    const auto unfit =
        view_of(status({{"ready", {{"ready", false}, {"reasons", reasons}}},
                        {"held", json::array{json::object{{"guard", "g"}, {"question", "q?"}}}}}),
                {});
    CHECK(unfit.mood == Mood::bad);
    CHECK(unfit.reasons ==
          std::vector<std::string>{"lag products: far behind", "held by g: q? (`halcyon apply --yes`)"});
    CHECK(view_of({}, {}).history == "unknown");
}

TEST_CASE("jobs that have not ended come first") {
    const auto v = view_of(status(), jobs());
    REQUIRE(v.jobs.size() == 3);
    CHECK(v.jobs[0].id == "new");
    CHECK(v.jobs[0].progress == "25%  10 of 40");
    CHECK(v.jobs[0].share == 0.25);
    CHECK(v.jobs[1].progress == "2026-11-28 00:30:00");
    CHECK(!v.jobs[1].share);
    CHECK(v.jobs[2].progress == "no such route");
}

TEST_CASE("rates come from two replies of one process") {
    const auto before = view_of(status(), {});
    const auto after = view_of(status({{"events", 1100}, {"embedded_texts", 230}}), {});
    const auto r = rates(before, after, std::chrono::seconds(2));
    REQUIRE(r);
    CHECK(r->events == 50);
    CHECK(r->texts == 15);
    CHECK(r->written == 0);
    CHECK(!rates(before, after, std::chrono::seconds(0)));
    CHECK(!rates(before, view_of(status({{"started", "2026-11-28T00:59:59.000Z"}}), {}),
                 std::chrono::seconds(2)));
    // A scan that began anew.
    const auto anew = view_of(status({{"routes", json::array{}}}), {});
    CHECK(rates(before, anew, std::chrono::seconds(1))->scanned == 0);
}

TEST_CASE("times of day are read, and nothing else") {
    CHECK(wall_time("1970-01-02T00:00:01.500Z")->ms == 86'401'500);
    CHECK(wall_time("2026-11-28T01:00:00.000Z")->ms == 1'795'827'600'000);
    for (const auto* no : {"", "2026-11-28", "2026-02-30T00:00:00.000Z", "2026-11-28T01:00:00.000Zx"})
        CHECK(!wall_time(no));
}

TEST_CASE("bytes of a terminal become keys") {
    CHECK(keys_of("qQ\x03") == std::vector<Key>{Key::quit, Key::quit, Key::quit});
    CHECK(keys_of("\x1b[A\x1b[B\x1bOA\x1b[1;5B") == std::vector<Key>{Key::up, Key::down, Key::up, Key::down});
    CHECK(keys_of("kjpy?\x1ax") ==
          std::vector<Key>{Key::up, Key::down, Key::pause, Key::yes, Key::help, Key::suspend, Key::other});
    CHECK(keys_of("\x1b") == std::vector<Key>{Key::other});
    CHECK(keys_of("\x1b[3~") == std::vector<Key>{Key::other});
    CHECK(keys_of("\x1b[") == std::vector<Key>{Key::other, Key::other});
}

TEST_CASE("arrows select, and stop at the ends") {
    auto s = shown();
    CHECK(s.selected == "products");
    press(s, Key::up);
    CHECK(s.selected == "products");
    press(s, Key::down);
    CHECK(s.selected == "articles");
    press(s, Key::down);
    CHECK(s.selected == "articles");
}

TEST_CASE("the selection stays with its collection") {
    auto s = shown();
    press(s, Key::down);
    s.show(view_of(status({{"collections", json::array{collection("articles"), collection("x")}}}), {}), {});
    CHECK(s.selected == "articles");
    press(s, Key::pause);
    s.show(view_of(status({{"collections", json::array{collection("x")}}}), {}), {});
    CHECK(s.selected == "x");
    CHECK(s.mode == Screen::Mode::table);  // the question was about another one
    s.show(view_of(status({{"collections", json::array{}}}), {}), {});
    CHECK(s.selected.empty());
    press(s, Key::pause);
    CHECK(s.mode == Screen::Mode::table);
    press(s, Key::down);
    CHECK(s.chosen() == nullptr);
}

TEST_CASE("pausing asks first, and only yes does it") {
    auto s = shown();
    CHECK(press(s, Key::pause) == Wish::none);
    CHECK(s.mode == Screen::Mode::asking);
    CHECK(has(frame(s, 80, 24, false), " pause products? y / n"));
    CHECK(press(s, Key::other) == Wish::none);
    CHECK(s.note == "nothing was changed");
    press(s, Key::pause);
    CHECK(press(s, Key::quit) == Wish::none);  // of the question, not of the program
    press(s, Key::pause);
    CHECK(press(s, Key::yes) == Wish::pause);
    CHECK(s.mode == Screen::Mode::table);
    CHECK(press(s, Key::yes) == Wish::none);
    auto paused = collection("products");
    paused["paused_by_operator"] = true;
    s.show(view_of(status({{"collections", json::array{paused}}}), {}), {});
    press(s, Key::pause);
    CHECK(has(frame(s, 80, 24, false), " resume products? y / n"));
    CHECK(press(s, Key::yes) == Wish::resume);
}

TEST_CASE("help is a page that any key ends") {
    auto s = shown();
    press(s, Key::help);
    CHECK(has(frame(s, 80, 24, false), "any key goes back"));
    CHECK(press(s, Key::quit) == Wish::none);
    CHECK(s.mode == Screen::Mode::table);
    CHECK(press(s, Key::suspend) == Wish::suspend);
    CHECK(press(s, Key::quit) == Wish::quit);
}

TEST_CASE("the picture of an ordinary terminal") {
    const json::array reasons{json::object{{"code", "lag"}, {"says", "far behind"}}};
    auto s = shown(status({{"ready", {{"ready", false}, {"reasons", reasons}}}}), jobs());
    press(s, Key::down);
    CHECK(frame(s, 80, 18, false) ==
          "halcyon 0.1.0  unix:/run/control.sock  up 1 h 0 min  01:00:00 UTC\n"
          "working; lag 12 ms, history 1 h 0 min, memory 100.0 MiB of 256.0 MiB\n"
          "per second: 1,234 events, 0.0 scanned, 9.9 texts in 0.5 requests, 100 points ...\n"
          "\n"
          "  COLLECTION  QUEUE           UNDER WAY  WAITING  OWED  FAILED  LETTERS  STATE\n"
          "  products    [...======###]          3        4     5       1        2  ok\n"
          "> articles    [.==#        ]          3        4     5       1        2  ok\n"
          "\n"
          "  JOB  WHAT        STATE    PROGRESS\n"
          "  new  products    running  25%  10 of 40\n"
          "  old  everything  done     2026-11-28 00:30:00\n"
          "  bad  everything  failed   no such route\n"
          "\n"
          "! lag: far behind\n"
          "\n\n\n"
          " q quit   up, down select   p pause   ? help ");
}

TEST_CASE("a wide picture has more columns, and bars of jobs") {
    const auto text = frame(shown(status(), jobs()), 120, 24, false);
    CHECK(has(text, "DOCUMENTS"));
    CHECK(has(text, "[###---------]  25%  10 of 40"));
    CHECK(!has(frame(shown(status(), jobs()), 80, 24, false), "[###---------]"));
}

TEST_CASE("a picture fits its terminal, whatever its size and however much there is") {
    json::array many, reasons;
    for (int i = 0; i < 30; ++i) {
        many.push_back(collection(fmt::format("collection number {} with a long n\xc3\xa4me", i)));
        reasons.push_back(
            json::object{{"code", "paused"}, {"says", "a long reason why nothing is written there"}});
    }
    json::array much;
    for (int i = 0; i < 20; ++i)
        much.push_back(json::object{{"id", fmt::format("job {}", i)}, {"state", "running"}});
    auto s = shown(status({{"collections", many}, {"ready", {{"ready", false}, {"reasons", reasons}}}}),
                   {{"jobs", much}});
    for (int i = 0; i < 20; ++i) press(s, Key::down);
    for (const std::size_t width : {1, 2, 10, 40, 79, 80, 132, 400})
        for (const std::size_t height : {1, 2, 3, 5, 6, 7, 8, 9, 10, 12, 16, 24, 50, 100})
            for (const auto mode : {Screen::Mode::table, Screen::Mode::asking, Screen::Mode::help}) {
                s.mode = mode;
                INFO(width << "x" << height);
                const auto text = lines(frame(s, width, height, false));
                CHECK(text.size() == height);
                for (const auto& line : text) CHECK(characters(line) <= width);
            }
    s.mode = Screen::Mode::table;
    // The selected one is always seen.
    for (const std::size_t height : {8, 12, 24})
        CHECK(has(frame(s, 80, height, false), "> collection number"));
    CHECK(has(frame(s, 80, 24, false), "! and 27 more: `halcyon status`"));
    CHECK(frame(s, 0, 24, false).empty());
    CHECK(frame(s, 80, 0, false).empty());
}

TEST_CASE("colours are only there where they are wanted, and what others wrote brings none") {
    auto bad = collection("evil\x1b[31m");
    bad["paused"] = true;
    bad["reason"] = "\x1b]0;title\x07";
    const auto s = shown(status({{"collections", json::array{bad}}}));
    CHECK(!has(frame(s, 80, 24, false), "\x1b"));
    const auto text = frame(s, 80, 24, true);
    CHECK(has(text, "\x1b[7m> evil [31m"));
    CHECK(!has(text, "\x1b]"));
}

TEST_CASE("what is old is said to be old") {
    auto s = shown();
    s.trouble = "no answer from somewhere";
    s.rates.reset();
    const auto text = frame(s, 80, 24, false);
    CHECK(has(text, "as it was; no answer from somewhere\nrates come with the next reply\n"));
    s.show(view_of(status(), {}), {});
    CHECK(!has(frame(s, 80, 24, false), "as it was"));
}

TEST_CASE("something in a queue is never drawn as nothing") {
    Screen s;
    s.show(view_of(status({{"collections", json::array{collection("big", 100000), collection("small", 4)}}}),
                   {}),
           {});
    CHECK(has(frame(s, 80, 24, false), "small       [.           ]"));
}
