#include "admin/readiness.hpp"

#include "unit/admin/support.hpp"

namespace halcyon::admin {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr WallTime start{1'000'000'000};
WallTime after(std::int64_t ms) { return {start.ms + ms}; }

Overview well() {
    Overview o;
    o.streaming = true;
    o.lag = milliseconds(5);
    o.history.left = seconds(7200);
    o.history.warning = seconds(3600);
    o.position_moved = start;
    o.collections.resize(2);
    o.collections[0].name = "archive";
    o.collections[1].name = "products";
    return o;
}

std::vector<std::string> codes(const std::vector<api::Reason>& reasons) {
    std::vector<std::string> out;
    for (const auto& r : reasons) out.push_back(r.code + (r.collection.empty() ? "" : " " + r.collection));
    return out;
}

using Codes = std::vector<std::string>;

TEST_CASE("all is well") {
    Readiness readiness{{}};
    CHECK(readiness.judge(well(), "", start).empty());
    CHECK(Readiness::ready({}));
}

TEST_CASE("each reason is told with its code, and makes it unready") {
    struct {
        const char* code;
        void (*make)(Overview&);
        const char* says;
    } const cases[]{
        {"starting", [](auto& o) { o.streaming = false; }, "not open yet"},
        {"stream_closed", [](auto& o) { o.streaming = false, o.trouble = "no primary"; }, "no primary"},
        {"lag", [](auto& o) { o.lag = milliseconds(723'000); },
         "12 min 3 s behind MongoDB, 5 min 0 s is the bound"},
        {"position_stuck", [](auto& o) { o.under_way = 7, o.position_moved = after(-300'001); },
         "7 changes are under way"},
        {"history_low", [](auto& o) { o.history.low = true, o.history.left = seconds(1800); },
         "30 min 0 s left"},
        {"state_failing", [](auto& o) { o.failure = "disk_full: no space"; }, "cannot be written: disk_full"},
        {"dead_letters products",
         [](auto& o) { o.collections[1].many_letters = true, o.collections[1].letters = 8'000; },
         "8000 dead letters"},
        {"paused products",
         [](auto& o) { o.collections[1].paused = true, o.collections[1].reason = "qdrant is away"; },
         "products: qdrant is away"},
        {"held", [](auto& o) { o.held = {{"max_embeddings", "Embed 5?"}}; }, "max_embeddings: Embed 5?"},
        {"stopping", [](auto& o) { o.stopping = true; }, "being stopped"},
    };
    for (const auto& c : cases) {
        INFO(c.code);
        auto o = well();
        c.make(o);
        Readiness readiness{{}};
        const auto reasons = readiness.judge(o, "", start);
        CHECK(codes(reasons) == Codes{c.code});
        REQUIRE_FALSE(reasons.empty());
        INFO(reasons[0].says);
        CHECK(reasons[0].says.find(c.says) != std::string::npos);
        CHECK(reasons[0].since == start);
        CHECK_FALSE(Readiness::ready(reasons));
    }
}

TEST_CASE("an operator's pause is told, and leaves it ready") {
    auto o = well();
    o.collections[0].paused = o.collections[0].paused_by_operator = true;
    Readiness readiness{{}};
    const auto reasons = readiness.judge(o, "", start);
    CHECK(codes(reasons) == Codes{"paused_by_operator archive"});
    CHECK(Readiness::ready(reasons));
    o.streaming = false;
    CHECK_FALSE(Readiness::ready(readiness.judge(o, "", start)));
}

TEST_CASE("bounds are inclusive, and 0 is none") {
    auto o = well();
    o.lag = milliseconds(300'000);
    o.under_way = 1;
    o.position_moved = after(-300'000);
    CHECK(Readiness{{}}.judge(o, "", start).empty());
    o.lag = milliseconds(300'001);
    o.position_moved = after(-300'001);
    CHECK(codes(Readiness{{}}.judge(o, "", start)) == Codes{"lag", "position_stuck"});
    CHECK(Readiness{{milliseconds(0), milliseconds(0)}}.judge(o, "", start).empty());
    // Nothing is under way, so nothing is stuck; an unknown lag is none.
    o.under_way = 0;
    o.lag.reset();
    CHECK(Readiness{{}}.judge(o, "", start).empty());
}

TEST_CASE("a state that cannot be read is told unless it cannot be written either") {
    auto o = well();
    auto reasons = Readiness{{}}.judge(o, "corrupted: checksum", start);
    CHECK(codes(reasons) == Codes{"state_failing"});
    CHECK(reasons.at(0).says == "the state cannot be read: corrupted: checksum");
    o.failure = "disk_full: no space";
    CHECK(codes(Readiness{{}}.judge(o, "corrupted: checksum", start)) == Codes{"state_failing"});
}

TEST_CASE("reasons stand in a fixed order, each since it was first found so") {
    auto o = well();
    Readiness readiness{{}};
    o.collections[1].paused = true;
    readiness.judge(o, "", start);
    o.collections[0].paused = true;
    o.lag = milliseconds(400'000);
    o.held = {{"max_embeddings", "?"}, {"max_delete_share", "?"}};
    auto reasons = readiness.judge(o, "", after(1000));
    CHECK(codes(reasons) == Codes{"lag", "paused archive", "paused products", "held", "held"});
    CHECK(reasons.at(1).since == after(1000));
    CHECK(reasons.at(2).since == start);
    o.held.erase(o.held.begin());
    reasons = readiness.judge(o, "", after(2000));
    CHECK(reasons.at(3).since == after(1000));
    // Away and back again is a new one.
    o.lag = milliseconds(1);
    readiness.judge(o, "", after(3000));
    o.lag = milliseconds(400'000);
    reasons = readiness.judge(o, "", after(4000));
    CHECK(reasons.at(0).since == after(4000));
    CHECK(reasons.at(2).since == start);
}

TEST_CASE("probes say what they are for") {
    Api api;
    auto& o = api.scripted.ports.shown;
    CHECK(api.ask(request("GET", "/healthz")).status == 200);
    CHECK(api.ask(request("GET", "/readyz")).status == 200);
    CHECK(api.ask(request("GET", "/startupz")).status == 200);
    o.routes[1].phase = "scanning";
    CHECK(api.ask(request("GET", "/startupz")).status == 503);
    CHECK(api.ask(request("GET", "/readyz")).status == 200);
    o.streaming = false;
    o.trouble = "no primary";
    const auto reply = api.ask(request("GET", "/readyz"));
    CHECK(reply.status == 503);
    CHECK(json_of(reply).at("reasons").at(0).at("since") == "2025-11-28T01:00:00.000Z");
    CHECK(header(reply, "Cache-Control") == "no-store");
    CHECK(api.ask("GET", "/v1/health").status == 503);
    CHECK(api.ask(request("GET", "/healthz")).status == 200);
}

}  // namespace
}  // namespace halcyon::admin
