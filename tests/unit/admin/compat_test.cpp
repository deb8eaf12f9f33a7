// The routes of earlier systems: shapes as their clients read them.
#include "unit/admin/support.hpp"

namespace halcyon::admin {
namespace {

namespace json = boost::json;

/// 1 is in both namespaces of shop, 2 waits, 3 failed, 4 is a dead letter.
void fill(Api& api) {
    Commit commit;
    commit.receipts = {synced(key_of("products", "shop.products", "1"), 1'764'000'000'001),
                       synced(key_of("archive", "shop.products", "1"), 1'764'000'000'002),
                       synced(key_of("products", "shop.articles", "1"), 1'764'000'000'003)};
    commit.owed = {{key_of("products", "shop.products", "2"), owed(0)},
                   {key_of("archive", "shop.products", "3"), owed(2)}};
    commit.dead = {{key_of("products", "shop.products", "4"), letter()}};
    api.store(std::move(commit));
}

std::vector<std::string> ids(const json::object& reply, const char* noun = "documents") {
    std::vector<std::string> out;
    for (const auto& d : reply.at(noun).as_array()) out.emplace_back(d.at("id").as_string());
    return out;
}

const std::string id1 = R"({"$numberLong":"1"})", id3 = R"({"$numberLong":"3"})",
                  id4 = R"({"$numberLong":"4"})";

TEST_CASE("GET /api/sync/status counts by status and collection, and shows the worker") {
    Api api;
    fill(api);
    auto& o = api.scripted.ports.shown;
    auto reply = json_of(api.ask("GET", "/api/sync/status"));
    CHECK(reply.at("total") == 6);
    CHECK(reply.at("synced") == 3);
    CHECK(reply.at("pending") == 1);
    CHECK(reply.at("stale") == 0);
    CHECK(reply.at("failed") == 2);
    CHECK(reply.at("perCollection") ==
          json::object{{"archive", {{"synced", 1}, {"pending", 0}, {"stale", 0}, {"failed", 1}}},
                       {"products", {{"synced", 2}, {"pending", 1}, {"stale", 0}, {"failed", 1}}}});
    CHECK(reply.at("worker") ==
          json::object{
              {"running", true}, {"processing", false}, {"lastRunAt", nullptr}, {"lastCycleStats", nullptr}});
    o.collections[0].retries = {true, {1'764'291'000'000}, std::chrono::milliseconds(40), 5, 2, 1};
    o.collections[1].retries = {false, {1'764'291'001'000}, std::chrono::milliseconds(90), 3, 3, 0};
    o.retries_enabled = false;
    reply = json_of(api.ask("GET", "/api/sync/status"));
    CHECK(reply.at("worker") ==
          json::object{
              {"running", false},
              {"processing", true},
              {"lastRunAt", "2025-11-28T00:50:01.000Z"},
              {"lastCycleStats",
               {{"processed", 8}, {"successful", 5}, {"failed", 1}, {"skipped", 2}, {"duration", 90}}}});
}

TEST_CASE("GET /api/sync/documents shows syncMetadata of all collections, page by page") {
    Api api;
    fill(api);
    auto reply = json_of(api.ask("GET", "/api/sync/documents"));
    CHECK(reply.at("page") == 1);
    CHECK(reply.at("limit") == 20);
    CHECK(reply.at("total") == 6);
    CHECK(reply.at("totalPages") == 1);
    REQUIRE(reply.at("documents").as_array().size() == 6);
    // The latest change first.
    CHECK(ids(reply).front() == id4);
    reply = json_of(api.ask("GET", "/api/sync/documents?status=failed&collection=archive"));
    REQUIRE(ids(reply) == std::vector{id3});
    const auto& row = reply.at("documents").at(0);
    CHECK(row.at("namespace") == "shop.products");
    const auto& metadata = row.at("syncMetadata");
    CHECK(metadata.at("overallStatus") == "failed");
    CHECK(metadata.at("collections") == json::object{{"archive",
                                                      {{"status", "failed"},
                                                       {"lastSyncedAt", nullptr},
                                                       {"lastSyncAttemptAt", "2025-11-24T16:01:40.000Z"},
                                                       {"lastError", "HTTP 500: no"},
                                                       {"errorCode", "EMBEDDING_UNAVAILABLE"},
                                                       {"retryCount", 2},
                                                       {"contentHash", nullptr},
                                                       {"vectorVersion", 0}}}});
    reply = json_of(api.ask("GET", "/api/sync/documents?status=synced&limit=100&collection=archive"));
    CHECK(reply.at("documents").at(0).at("syncMetadata").at("collections").as_object().size() == 2);
    // Pages hold every row once.
    std::vector<std::string> seen;
    for (const auto* page : {"1", "2", "3"}) {
        reply = json_of(api.ask("GET", std::string("/api/sync/documents?limit=2&page=") + page));
        CHECK(reply.at("totalPages") == 3);
        for (const auto& id : ids(reply)) seen.push_back(id);
    }
    CHECK(seen.size() == 6);
    CHECK(seen == ids(json_of(api.ask("GET", "/api/sync/documents"))));
    CHECK(ids(json_of(api.ask("GET", "/api/sync/documents?page=9"))).empty());
    // The first of these systems called them tools.
    CHECK(ids(json_of(api.ask("GET", "/api/sync/tools?status=pending")), "tools").size() == 1);
}

TEST_CASE("an id without namespace means that document in each namespace, and the reply says so") {
    Api api;
    fill(api);
    auto& retried = api.scripted.ports.retried;
    for (const std::string noun : {"documents", "tools"}) {
        retried.clear();
        auto reply = json_of(api.ask("POST", "/api/sync/" + noun + "/1/retry"));
        CHECK(reply.at("success") == true);
        CHECK(reply.at("retried") == 3);
        CHECK(reply.at("message") ==
              "3 are read again and tried now; 1 stands in 2 namespaces, and all of these are tried");
        CHECK(reply.at("documents").as_array().size() == 2);
        CHECK(reply.at("documents").at(0) ==
              json::object{{"id", id1}, {"namespace", "shop.articles"}, {"collections", {"products"}}});
        CHECK(reply.at("notFound").as_array().empty());
        REQUIRE(retried.size() == 1);
        CHECK(retried[0].keys.size() == 3);
        CHECK_FALSE(retried[0].how.force);
    }
    auto reply = json_of(api.ask("POST", "/api/sync/documents/4/retry", R"({"collections":["products"]})"));
    CHECK(reply.at("message") == "1 is read again and tried now");
    CHECK(retried.back().keys == std::vector{key_of("products", "shop.products", "4")});
    // Typed as people type: 1 is a number, "1" a text.
    check_problem(api.ask("POST", "/api/sync/documents/%221%22/retry"), 404, "id");
    reply = json_of(api.ask("POST", "/api/sync/documents/%221%22/retry", R"({"force":true})"));
    CHECK(reply.at("retried") == 3);
    CHECK(retried.back().how.force);
    CHECK(retried.back().keys.front().document.id == DocId::parse("\"1\"").value());
}

TEST_CASE("a batch tries those that are known, and names the others") {
    Api api;
    fill(api);
    auto& retried = api.scripted.ports.retried;
    for (const std::string base : {"/api/sync", "/api/sync/tools"}) {
        retried.clear();
        const auto reply = json_of(api.ask("POST", base + "/batch", R"({"ids":["3","4","3","nobody"]})"));
        CHECK(reply.at("retried") == 4);
        CHECK(reply.at("notFound") == json::array{"\"nobody\""});
        REQUIRE(retried.size() == 1);
    }
    const auto reply = json_of(api.ask("POST", "/api/sync/batch", R"({"ids":["nobody"]})"));
    CHECK(reply.at("retried") == 0);
    CHECK(reply.at("documents").as_array().empty());
}

TEST_CASE("reset forgets attempts, all-pending tries what waits, worker/run begins a cycle") {
    Api api;
    fill(api);
    auto& ports = api.scripted.ports;
    CHECK(json_of(api.ask("POST", "/api/sync/reset/3")).at("retried") == 2);
    CHECK(ports.retried.back().how.reset);
    CHECK(json_of(api.ask("POST", "/api/sync/tools/reset/3", "{}")).at("retried") == 2);
    auto reply = json_of(api.ask("POST", "/api/sync/all-pending"));
    CHECK(reply ==
          json::object{{"success", true}, {"message", "1 is read again and tried now"}, {"retried", 1}});
    CHECK(ports.retried.back().keys == std::vector{key_of("products", "shop.products", "2")});
    CHECK(json_of(api.ask("POST", "/api/sync/tools/all-pending")).at("retried") == 1);
    reply = json_of(api.ask("POST", "/api/sync/worker/run"));
    CHECK(reply.at("collections") == 2);
    REQUIRE(ports.runs.size() == 1);
    CHECK_FALSE(ports.runs[0]);
}

TEST_CASE("wrong requests of earlier clients name their field, too") {
    Api api;
    fill(api);
    std::string many = "\"0\"";
    for (int i = 1; i < 51; ++i) many += ",\"" + std::to_string(i) + "\"";
    struct {
        const char* method;
        std::string target, body;
        unsigned status;
        const char* field;
    } const cases[]{
        {"GET", "/api/sync/documents?limit=101", "", 400, "limit"},
        {"GET", "/api/sync/documents?page=0", "", 400, "page"},
        {"GET", "/api/sync/documents?page=101&limit=100", "", 400, "page"},
        {"GET", "/api/sync/documents?page=x", "", 400, "page"},
        {"GET", "/api/sync/documents?status=ok", "", 400, "status"},
        {"GET", "/api/sync/documents?collection=", "", 400, "collection"},
        {"GET", "/api/sync/documents?from=1", "", 400, "from"},
        {"GET", "/api/sync/status?a=1", "", 400, "a"},
        {"POST", "/api/sync/documents/nobody/retry", "", 404, "id"},
        {"POST", "/api/sync/documents/%ff/retry", "", 400, "id"},
        {"POST", "/api/sync/documents/1/retry", R"({"force":"yes"})", 400, "force"},
        {"POST", "/api/sync/documents/1/retry", R"({"collections":[]})", 400, "collections"},
        {"POST", "/api/sync/documents/1/retry", R"({"collections":"products"})", 400, "collections"},
        {"POST", "/api/sync/documents/1/retry", R"({"collections":[""]})", 404, "collections[0]"},
        {"POST", "/api/sync/documents/1/retry", R"({"collections":[1]})", 400, "collections[0]"},
        {"POST", "/api/sync/documents/1/retry", R"({"collections":["products","none"]})", 404,
         "collections[1]"},
        {"POST", "/api/sync/documents/1/retry", R"({"ids":["1"]})", 400, "ids"},
        {"POST", "/api/sync/batch", "", 400, "ids"},
        {"POST", "/api/sync/batch", R"({"ids":[]})", 400, "ids"},
        {"POST", "/api/sync/batch", R"({"ids":[1]})", 400, "ids[0]"},
        {"POST", "/api/sync/batch", R"({"ids":[)" + many + "]}", 400, "ids"},
        {"POST", "/api/sync/all-pending", R"({"force":true})", 400, "force"},
        {"POST", "/api/sync/reset/1", R"({"force":true})", 400, "force"},
        {"POST", "/api/sync/reset/nobody", "", 404, "id"},
        {"POST", "/api/sync/worker/run", R"({"now":true})", 400, "now"},
        {"GET", "/telemetry/fanout", "", 404, ""},
    };
    for (const auto& c : cases) {
        INFO(c.method << " " << c.target << " " << c.body.substr(0, 80));
        check_problem(api.ask(c.method, c.target, c.body), c.status, c.field);
    }
    CHECK(api.scripted.ports.retried.empty());
    CHECK(api.scripted.ports.runs.empty());
}

}  // namespace
}  // namespace halcyon::admin
