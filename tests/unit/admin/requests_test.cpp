// Whatever is wrong with a request is said with its field, and nothing was done.
#include "base/log.hpp"
#include "unit/admin/support.hpp"

namespace halcyon::admin {
namespace {

struct Row {
    const char* method;
    std::string target;
    std::string body;
    unsigned status;
    const char* field;
};

const std::string no_utf8 = "\xff\xfe";

std::string deep(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

std::string many(std::size_t documents) {
    std::string out;
    for (std::size_t i = 0; i < documents; ++i)
        out += (i > 0 ? "," : "") + std::string(R"({"namespace":"shop.products","id":")") +
               std::to_string(i) + "\"}";
    return R"({"documents":[)" + out + "]}";
}

const std::string retry = "/v1/documents/retry", jobs = "/v1/jobs", letters = "/v1/dead-letters/drop";
const std::string product = R"({"namespace":"shop.products","id":"1"})";

const Row rows[]{
    // Paths and methods.
    {"GET", "/v1/nothing", "", 404, ""},
    {"GET", "/v1/%zz", "", 400, ""},
    {"POST", "/v1/status", "", 405, ""},
    {"DELETE", "/v1/jobs/1", "", 405, ""},
    {"GET", "/v1/pause", "", 405, ""},
    {"POST", "/v1/log", "", 405, ""},
    // Parameters.
    {"GET", "/v1/status?verbose=1", "", 400, "verbose"},
    {"GET", "/healthz?a", "", 400, "a"},
    {"GET", "/v1/documents?state=failed", "", 400, "state"},
    {"GET", "/v1/documents?status=broken", "", 400, "status"},
    {"GET", "/v1/documents?status=%zz", "", 400, nullptr},
    {"GET", "/v1/documents?status=", "", 400, "status"},
    {"GET", "/v1/documents?collection=", "", 400, "collection"},
    {"GET", "/v1/documents?namespace=", "", 400, "namespace"},
    {"GET", "/v1/documents?from=", "", 400, "from"},
    {"GET", "/v1/dead-letters?collection", "", 400, "collection"},
    {"GET", "/v1/documents?collection=%ff", "", 400, "collection"},
    {"GET", "/v1/documents?namespace=shop", "", 400, "namespace"},
    {"GET", "/v1/documents?namespace=a.b%00", "", 400, "namespace"},
    {"GET", "/v1/documents?from=nowhere", "", 400, "from"},
    {"GET", "/v1/documents?limit=0", "", 400, "limit"},
    {"GET", "/v1/documents?limit=1001", "", 400, "limit"},
    {"GET", "/v1/documents?limit=-1", "", 400, "limit"},
    {"GET", "/v1/documents?limit=%2B5", "", 400, "limit"},
    {"GET", "/v1/documents?limit=5x", "", 400, "limit"},
    {"GET", "/v1/documents?limit=", "", 400, "limit"},
    {"GET", "/v1/documents?limit=99999999999999999999", "", 400, "limit"},
    {"GET", "/v1/dead-letters?limit=x", "", 400, "limit"},
    {"GET", "/v1/dead-letters?from=zz", "", 400, "from"},
    {"GET", "/v1/explain", "", 400, "namespace"},
    {"GET", "/v1/explain?namespace=shop.products", "", 400, "id"},
    {"GET", "/v1/explain?namespace=shop&id=1", "", 400, "namespace"},
    {"GET", "/v1/explain?namespace=shop.products&id=%ff", "", 400, "id"},
    {"GET", "/v1/explain?namespace=%ff.b&id=1", "", 400, "namespace"},
    {"GET", "/v1/collections/nothing", "", 404, "name"},
    {"GET", "/v1/collections/%ff", "", 400, "name"},
    {"GET", "/v1/jobs/none", "", 404, "id"},
    {"POST", "/v1/pause?now=1", "", 400, "now"},
    // Bodies.
    {"POST", retry, "", 400, "documents"},
    {"POST", retry, "{", 400, ""},
    {"POST", retry, "[]", 400, ""},
    {"POST", retry, "null", 400, ""},
    {"POST", retry, "\"text\"", 400, ""},
    {"POST", retry, "{} {}", 400, ""},
    {"POST", retry, no_utf8, 400, ""},
    {"POST", retry, R"({"status":")" + no_utf8 + "\"}", 400, ""},
    {"POST", retry, deep(1000), 400, ""},
    {"POST", retry, R"({"documents":)" + deep(40) + "}", 400, ""},
    {"POST", retry, R"({"documents":)" + deep(20) + "}", 400, "documents[0]"},
    {"POST", retry, R"({"documents":[],"status":"failed"})", 400, "documents"},
    {"POST", retry, R"({"documents":[]})", 400, "documents"},
    {"POST", retry, R"({"documents":{}})", 400, "documents"},
    {"POST", retry, many(1001), 400, "documents"},
    {"POST", retry, R"({"documents":[)" + product + ",5]}", 400, "documents[1]"},
    {"POST", retry, R"({"documents":[{"namespace":"shop.products","id":"1","a":1}]})", 400, "documents[0].a"},
    {"POST", retry, R"({"documents":[{"id":"1"}]})", 400, "documents[0].namespace"},
    {"POST", retry, R"({"documents":[{"namespace":"shop.products"}]})", 400, "documents[0].id"},
    {"POST", retry, R"({"documents":[{"namespace":"shop.products","id":1}]})", 400, "documents[0].id"},
    {"POST", retry, R"({"documents":[{"namespace":"shop","id":"1"}]})", 400, "documents[0].namespace"},
    {"POST", retry, R"({"documents":[{"namespace":"no.such","id":"1"}]})", 404, "documents[0].namespace"},
    {"POST", retry, R"({"documents":[{"namespace":"shop.articles","id":"1","collection":"archive"}]})", 404,
     "documents[0].collection"},
    {"POST", retry, R"({"documents":[)" + product + R"(],"collection":"products"})", 400, "collection"},
    {"POST", retry, R"({"documents":[)" + product + R"(],"force":1})", 400, "force"},
    {"POST", retry, R"({"documents":[)" + product + R"(],"reset":"yes"})", 400, "reset"},
    {"POST", retry, R"({"documents":[)" + product + "]}", 404, "id"},
    {"POST", retry, R"({"status":"synced"})", 400, "status"},
    {"POST", retry, R"({"status":5})", 400, "status"},
    {"POST", retry, R"({"status":null})", 400, "status"},
    {"POST", retry, R"({"status":"failed","collection":"nothing"})", 404, "collection"},
    {"POST", retry, R"({"status":"failed","collection":[]})", 400, "collection"},
    {"POST", retry, R"({")" + std::string(500'000, 'x') + R"(":1})", 400, nullptr},
    {"POST", "/v1/worker/run", R"({"collection":"nothing"})", 404, "collection"},
    {"POST", "/v1/worker/run", R"({"collections":[]})", 400, "collections"},
    {"POST", "/v1/apply", R"({"orphans":"yes"})", 400, "orphans"},
    {"POST", "/v1/apply", R"({"orphans":null})", 400, "orphans"},
    {"POST", "/v1/worker/run", R"({"collection":""})", 404, "collection"},
    {"POST", retry, R"({"status":"failed","collection":""})", 404, "collection"},
    {"POST", retry, R"({"documents":[{"namespace":"shop.products","id":"1","collection":""}]})", 400,
     "documents[0].collection"},
    {"POST", jobs, R"({"type":"backfill","collection":""})", 404, "collection"},
    {"POST", "/v1/worker/run", R"({"collection":null})", 400, "collection"},
    {"POST", jobs, R"({"type":"backfill","max_pending":null})", 400, "max_pending"},
    {"POST", "/v1/apply", R"({"yes":true})", 400, "yes"},
    {"POST", "/v1/pause", R"({"collection":"products"})", 400, "collection"},
    {"POST", "/v1/collections/nothing/pause", "", 404, "name"},
    {"POST", "/v1/collections/products/resume", R"({"a":1})", 400, "a"},
    {"POST", letters, "", 400, "collection"},
    {"POST", letters, R"({"all":false})", 400, "all"},
    {"POST", letters, R"({"all":true,"id":"1"})", 400, "id"},
    {"POST", letters, R"({"collection":"products","namespace":"shop.products"})", 400, "id"},
    {"POST", letters, R"({"collection":"products","namespace":"shop","id":"1"})", 400, "namespace"},
    {"POST", letters, R"({"collection":"products","namespace":"shop.products","id":"1"})", 404, "id"},
    {"POST", letters, R"({"collection":5,"namespace":"shop.products","id":"1"})", 400, "collection"},
    {"POST", jobs, "", 400, "type"},
    {"POST", jobs, R"({"type":"migrate"})", 400, "type"},
    {"POST", jobs, R"({"type":"backfill","mode":"fast"})", 400, "mode"},
    {"POST", jobs, R"({"type":"backfill","mode":5})", 400, "mode"},
    {"POST", jobs, R"({"type":"backfill","collection":"nothing"})", 404, "collection"},
    {"POST", jobs, R"({"type":"backfill","namespace":"shop"})", 400, "namespace"},
    {"POST", jobs, R"({"type":"backfill","namespace":"no.such"})", 404, "namespace"},
    {"POST", jobs, R"({"type":"backfill","namespace":"shop.articles","collection":"archive"})", 404,
     "namespace"},
    {"POST", jobs, R"({"type":"backfill","max_pending":-1})", 400, "max_pending"},
    {"POST", jobs, R"({"type":"backfill","max_pending":1.5})", 400, "max_pending"},
    {"POST", jobs, R"({"type":"backfill","max_pending":1e30})", 400, "max_pending"},
    {"POST", jobs, R"({"type":"backfill","dry_run":0})", 400, "dry_run"},
    {"POST", jobs, R"({"type":"backfill","parallel":1})", 400, "parallel"},
    {"POST", "/v1/jobs/none/pause", "", 404, "id"},
    {"POST", "/v1/jobs/none/cancel", R"({"a":1})", 400, "a"},
    {"PUT", "/v1/log", "", 400, "level"},
    {"PUT", "/v1/log", R"({"level":"loud"})", 400, "level"},
    {"PUT", "/v1/log", R"({"level":5})", 400, "level"},
    {"PUT", "/v1/log", R"({"level":"info","for":"1h"})", 400, "for"},
};

TEST_CASE("a wrong request gets its status and a problem that names the field") {
    Api api;
    for (const auto& row : rows) {
        INFO(row.method << " " << row.target << " " << row.body.substr(0, 100));
        const auto reply = api.ask(row.method, row.target, row.body);
        if (row.field) check_problem(reply, row.status, row.field);
        CHECK(reply.status == row.status);
        CHECK(reply.body.size() < 2000);
        if (row.status == 405) CHECK_FALSE(header(reply, "Allow").empty());
    }
    const auto& ports = api.scripted.ports;
    CHECK(ports.retried.empty());
    CHECK(ports.runs.empty());
    CHECK(ports.dropped.empty());
    CHECK(ports.started.empty());
    CHECK(ports.acts.empty());
}

TEST_CASE("what the ports refuse or cannot do becomes a problem") {
    const std::pair<Error, unsigned> cases[]{
        {{Verdict::reject, Cause::not_found, "no such thing"}, 404},
        {{Verdict::reject, Cause::conflict, "20251128-010000-0001"}, 409},
        {{Verdict::reject, Cause::invalid, "wrong"}, 400},
        {{Verdict::fatal, Cause::disk_full, "the disk is full"}, 503},
        {{Verdict::retry, Cause::unavailable, "away"}, 503},
    };
    const std::pair<const char*, const char*> acts[]{
        {"/v1/pause", ""},
        {"/v1/resume", ""},
        {"/v1/documents/retry", R"({"documents":[{"namespace":"shop.products","id":"1"}],"force":true})"},
        {"/v1/jobs", R"({"type":"backfill"})"},
        {"/v1/jobs/20251128-010000-0001/cancel", ""},
        {"/api/sync/documents/1/retry", R"({"force":true})"},
    };
    for (const auto& [error, status] : cases)
        for (const auto& [target, body] : acts) {
            INFO(target << ": " << describe(error));
            Api api;
            api.scripted.ports.error = error;
            const auto reply = api.ask("POST", target, body);
            CHECK(reply.status == status);
            CHECK(reply.content_type == "application/problem+json");
        }
    Api api;
    api.scripted.ports.error = cases[1].first;
    const auto reply = api.ask("POST", "/v1/jobs", R"({"type":"backfill"})");
    CHECK(header(reply, "Location") == "/v1/jobs/20251128-010000-0001");
}

TEST_CASE("a state that cannot be read is 503, or a reason not to be ready") {
    Api api;
    api.scripted.store.fail_reads(Error{Verdict::fatal, Cause::corrupted, "checksum"});
    for (const auto* target :
         {"/v1/documents", "/v1/dead-letters", "/api/sync/status", "/api/sync/documents"})
        CHECK(api.ask("GET", target).status == 503);
    CHECK(api.ask("POST", "/v1/dead-letters/retry", R"({"all":true})").status == 503);
    CHECK(api.ask("POST", "/v1/documents/retry", R"({"status":"failed"})").status == 503);
    const auto status = json_of(api.ask("GET", "/v1/status"));
    CHECK(status.at("ready").at("ready") == false);
    CHECK(status.at("ready").at("reasons").at(0).at("code") == "state_failing");
    CHECK(api.ask("GET", "/readyz").status == 503);
    CHECK(api.ask("GET", "/healthz").status == 200);
}

TEST_CASE("retries go to every collection that a document is meant in, once") {
    Api api;
    const auto product1 = key_of("products", "shop.products", "1"),
               archive1 = key_of("archive", "shop.products", "1");
    Commit commit;
    commit.receipts = {synced(product1)};
    commit.owed = {{key_of("products", "shop.articles", "x"), owed(2)},
                   {key_of("gone", "shop.old", "y"), owed(2)}};
    api.store(std::move(commit));
    auto reply =
        json_of(api.ask("POST", "/v1/documents/retry",
                        R"({"documents":[{"namespace":"shop.products","id":"1"},{"namespace":"shop.products",
                                     "id":"1","collection":"archive"}],"reset":true})"));
    CHECK(reply.at("retried") == 2);
    auto& ports = api.scripted.ports;
    REQUIRE(ports.retried.size() == 1);
    CHECK(ports.retried[0].keys == std::vector{product1, archive1});
    CHECK(ports.retried[0].how.reset);
    CHECK_FALSE(ports.retried[0].how.force);
    // All that have failed, but for those of routes that are gone.
    reply = json_of(api.ask("POST", "/v1/documents/retry", R"({"status":"failed"})"));
    CHECK(reply.at("retried") == 1);
    CHECK(ports.retried.at(1).keys == std::vector{key_of("products", "shop.articles", "x")});
    // Nothing is known of it, but somebody insists.
    reply = json_of(api.ask("POST", "/v1/documents/retry",
                            R"({"documents":[{"namespace":"shop.articles","id":"new"}],"force":true})"));
    CHECK(ports.retried.at(2).how.force);
}

TEST_CASE("dead letters are retried and dropped, one or all") {
    Api api;
    Commit commit;
    const auto one = key_of("products", "shop.products", "1"), two = key_of("archive", "shop.products", "2");
    commit.dead = {{one, letter()}, {two, letter()}};
    api.store(std::move(commit));
    const std::string named = R"({"collection":"products","namespace":"shop.products","id":"1"})";
    CHECK(json_of(api.ask("POST", "/v1/dead-letters/retry", named)).at("letters") == 1);
    CHECK(json_of(api.ask("POST", "/v1/dead-letters/drop", named)).at("letters") == 1);
    CHECK(json_of(api.ask("POST", "/v1/dead-letters/drop", R"({"all":true})")).at("letters") == 2);
    CHECK(api.scripted.ports.retried.size() == 1);
    CHECK(api.scripted.ports.dropped.size() == 3);
    CHECK(json_of(api.ask("GET", "/v1/dead-letters?collection=archive")).at("letters").as_array().size() ==
          1);
}

TEST_CASE("the flow is paused, resumed and let go on") {
    Api api;
    auto& ports = api.scripted.ports;
    ports.shown.held = {{"max_delete_share", "Remove 5 of 10?"}};
    CHECK(json_of(api.ask("POST", "/v1/pause")).at("collections").as_array().size() == 2);
    CHECK(json_of(api.ask("POST", "/v1/collections/products/resume", "{}")).at("collections").at(0) ==
          "products");
    CHECK(json_of(api.ask("POST", "/v1/apply")).at("released") == 1);
    CHECK(json_of(api.ask("POST", "/v1/apply", R"({"orphans":true})")).at("routes") == 2);
    CHECK(ports.acts == std::vector<std::string>{"pause", "resume products", "approve", "remove orphans"});
}

TEST_CASE("the log's level is shown and set") {
    Api api;
    const auto before = std::string(json_of(api.ask("GET", "/v1/log")).at("level").as_string());
    CHECK(json_of(api.ask("PUT", "/v1/log", R"({"level":"error"})")).at("level") == "error");
    CHECK(log::level() == log::Level::error);
    CHECK(json_of(api.ask("PUT", "/v1/log", R"({"level":")" + before + "\"}")).at("level") == before.c_str());
}

}  // namespace
}  // namespace halcyon::admin
