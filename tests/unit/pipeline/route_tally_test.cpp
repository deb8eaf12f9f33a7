// What backfills count that a plan does not (tests/unit/app/plan_test.cpp has the rest).
#include "pipeline/decide/route_tally.hpp"

#include <catch2/catch.hpp>

#include "pipeline/decide/continuation.hpp"

using namespace halcyon;
using namespace halcyon::pipeline;

namespace {

render::Route route() {
    render::RouteOptions o;
    o.from = {"shop", "products"};
    o.to = CollectionName("products");
    o.text_fields = {"name"};
    return render::Route::compile(o, "lexical 1", 16, Distance::cosine).value();
}

const auto desk = Document::from_json(R"({"_id":1,"name":"desk"})").value();

Receipt receipt_of(const Document& d) {
    const auto wanted = route().want(d).value();
    Receipt r;
    r.text = wanted.text_digest;
    r.payload = wanted.payload_digest;
    r.chunks = 1;
    return r;
}

}  // namespace

TEST_CASE("by force what is held is embedded as well, and nothing of it counts as removed") {
    RouteTally tally(route(), {}, true);
    tally.add(desk, receipt_of(desk));
    tally.add_held();
    const auto plan = tally.finish();
    CHECK(plan.embed == 1);
    CHECK(plan.texts == 1);
    CHECK(plan.unchanged + plan.remove == 0);
}

TEST_CASE("what is passed by is held and costs nothing") {
    RouteTally tally(route(), {});
    tally.pass_by();
    tally.add(desk, std::nullopt);
    const auto plan = tally.finish();
    CHECK(plan.documents == 2);
    CHECK(plan.unchanged == 1);
    CHECK(plan.embed == 1);
    CHECK(plan.remove == 0);
}

TEST_CASE("an ordered scan goes on only where nothing made its progress void") {
    SnapshotProgress left;
    left.route = digest_of("a route");
    left.started = {2, {100, 1}, 0};
    left.ranges.emplace_back();
    CHECK(goes_on(left, left.route, 2, {}));
    CHECK(goes_on(left, left.route, 2, {2, {100, 1}, 0}));
    CHECK_FALSE(goes_on(left, left.route, 2, {2, {100, 2}, 0}));
    CHECK_FALSE(goes_on(left, digest_of("another route"), 2, {}));
    CHECK_FALSE(goes_on(left, left.route, 3, {}));
    left.ranges.clear();
    CHECK_FALSE(goes_on(left, left.route, 2, {}));
}
