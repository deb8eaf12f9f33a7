// The interface's description against the routes, both ways, and against their replies.
#include "api/openapi.hpp"

#include <map>
#include <set>

#include "unit/admin/schema.hpp"
#include "unit/admin/support.hpp"

namespace halcyon::admin {
namespace {

namespace json = boost::json;

/// Described, and not among all_routes: the websocket, which is a route of the telemetry.
const std::set<std::string> described_only{"/v1/telemetry"};

const json::value& document() {
    static const json::value parsed = json::parse(api::openapi_json());
    return parsed;
}

struct Operation {
    std::string role;
    std::set<std::string> query;
    const json::object* description;
};
using Operations = std::map<std::pair<std::string, std::string>, Operation>;  // by method and pattern

std::string upper(std::string_view text) {
    std::string out(text);
    for (auto& c : out) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return out;
}

Operations described() {
    const Schemas schemas(document());
    Operations out;
    for (const auto& [path, item] : document().at("paths").as_object())
        for (const auto& [method, value] : item.as_object()) {
            const auto& o = value.as_object();
            Operation op{std::string(o.at("x-halcyon-role").as_string()), {}, &o};
            if (const auto* parameters = o.if_contains("parameters"))
                for (const auto& given : parameters->as_array()) {
                    const auto& p = schemas.resolve(given).as_object();
                    if (p.at("in") == "query") op.query.emplace(p.at("name").as_string());
                }
            out.emplace(std::pair(upper(method), std::string(path)), std::move(op));
        }
    return out;
}

/// The dashboard's files are one path in the description.
std::string general(const std::string& pattern) {
    return pattern.starts_with("/assets/") ? "/assets/{name}" : pattern;
}

Operations served(Api& api) {
    auto routes = all_routes(api.scripted.sidecar);
    for (auto& r : about_routes(std::make_shared<const Access>(AdminOptions{}), "1"))
        routes.push_back(std::move(r));
    Operations out;
    const std::map<Role, std::string> roles{
        {Role::nobody, "nobody"}, {Role::viewer, "viewer"}, {Role::operator_, "operator"}};
    for (const auto& r : routes)
        out[{r.method, general(r.pattern)}] = {roles.at(r.needs), {r.query.begin(), r.query.end()}, nullptr};
    return out;
}

TEST_CASE("every route is described, with its role and parameters") {
    Api api;
    const auto known = described();
    for (const auto& [which, route] : served(api)) {
        INFO(which.first << " " << which.second);
        REQUIRE(known.contains(which));
        CHECK(known.at(which).role == route.role);
        CHECK(known.at(which).query == route.query);
        CHECK_FALSE(described_only.contains(which.second));
    }
}

TEST_CASE("whatever is described is served") {
    Api api;
    const auto routes = served(api);
    for (const auto& [which, operation] : described()) {
        INFO(which.first << " " << which.second);
        CHECK((routes.contains(which) || described_only.contains(which.second)));
    }
}

TEST_CASE("the description is served to everybody, with the program's version") {
    Api api;
    const auto reply = api.ask(request("GET", "/openapi.json"));
    CHECK(reply.status == 200);
    CHECK(reply.content_type == "application/json");
    const auto d = json::parse(reply.body);
    CHECK(d.at("openapi") == "3.1.0");
    const std::string version(d.at("info").at("version").as_string());
    CHECK(version.find_first_not_of("0123456789.") == std::string::npos);
    CHECK(std::count(version.begin(), version.end(), '.') == 2);
}

TEST_CASE(
    "every operation has an id of its own, a summary, a role's security and the problems it may answer") {
    const Schemas schemas(document());
    std::set<std::string> ids, tags;
    for (const auto& tag : document().at("tags").as_array()) tags.emplace(tag.at("name").as_string());
    for (const auto& [which, operation] : described()) {
        INFO(which.first << " " << which.second);
        const auto& o = *operation.description;
        CHECK(ids.emplace(o.at("operationId").as_string()).second);
        CHECK_FALSE(o.at("summary").as_string().empty());
        CHECK(tags.contains(std::string(o.at("tags").at(0).as_string())));
        CHECK((operation.role == "nobody") == o.contains("security"));
        const auto& responses = o.at("responses").as_object();
        CHECK(responses.contains("401") == (operation.role != "nobody"));
        for (const auto* status : {"400", "403", "421"}) CHECK(responses.contains(status));
        if (which.first != "GET")
            for (const auto* status : {"413", "415"}) CHECK(responses.contains(status));
        for (const auto& [status, given] : responses) {
            const auto& response = schemas.resolve(given).as_object();
            CHECK_FALSE(response.at("description").as_string().empty());
            if (const auto* content = response.if_contains("content"))
                for (const auto& [type, media] : content->as_object())
                    if (const auto* example = media.as_object().if_contains("example"))
                        CHECK(schemas.mistakes(media.at("schema"), *example) == std::vector<std::string>{});
        }
        if (const auto* body = o.if_contains("requestBody")) {
            const auto& media = body->at("content").at("application/json").as_object();
            if (const auto* example = media.if_contains("example"))
                CHECK(schemas.mistakes(media.at("schema"), *example) == std::vector<std::string>{});
        }
    }
}

/// Every $ref leads somewhere, and everything that can be referred to is.
void collect_refs(const json::value& v, std::set<std::string>& out) {
    if (v.is_array())
        for (const auto& item : v.as_array()) collect_refs(item, out);
    if (!v.is_object()) return;
    for (const auto& [name, member] : v.as_object())
        if (name == "$ref")
            out.emplace(member.as_string());
        else
            collect_refs(member, out);
}

TEST_CASE("nothing is described that nothing refers to, and no reference leads nowhere") {
    std::set<std::string> used, there;
    collect_refs(document(), used);
    for (const auto* part : {"parameters", "responses", "schemas"})
        for (const auto& [name, value] : document().at("components").at(part).as_object())
            there.insert("#/components/" + std::string(part) + "/" + std::string(name));
    CHECK(used == there);
}

/// One reply of a route against its description.
void check_reply(const std::string& method, const std::string& pattern, const net::ServerReply& reply) {
    INFO(method << " " << pattern << ": " << reply.status << " " << reply.body.substr(0, 2000));
    const Schemas schemas(document());
    const auto operations = described();
    const auto known = operations.find({method, pattern});
    REQUIRE(known != operations.end());
    const auto& responses = known->second.description->at("responses").as_object();
    const auto* given = responses.if_contains(std::to_string(reply.status));
    REQUIRE(given);
    const auto* content = schemas.resolve(*given).as_object().if_contains("content");
    REQUIRE(content);
    const auto* media = content->as_object().if_contains(reply.content_type);
    REQUIRE(media);
    CHECK(schemas.mistakes(media->at("schema"), json::parse(reply.body)) == std::vector<std::string>{});
}

/// Everything that an overview may hold is there.
void fill(Api& api) {
    auto& ports = api.scripted.ports;
    auto& o = ports.shown;
    o.vector_cache = CachedVectors{1, 2, 3};
    o.status_writeback = WritebackFigures{1, 2, 3, 4, "no rights", true};
    o.held = {{"max_embeddings", "Embed 5?"}};
    o.changes = {{"shop.products", "products", "changed", {"text"}, 5, 1200, "its text"}};
    o.collections[0].paused = true;
    o.collections[0].reason = "qdrant is away";
    Commit commit;
    const auto one = key_of("products", "shop.products", "1"), two = key_of("products", "shop.products", "2"),
               three = key_of("products", "shop.products", "3");
    commit.receipts = {synced(one)};
    commit.owed = {{two, owed(2)}, {key_of("archive", "shop.products", "2"), owed(0)}};
    commit.dead = {{three, letter()}};
    api.store(std::move(commit));
    auto& story = ports.story;
    story.asked = api.scripted.clock.wall();
    story.known = true;
    story.source = Story::Source{true, 100, {1'764'000'000, 1}};
    CollectionStory c;
    c.collection = CollectionName("products");
    c.state = "synced";
    c.conclusion = "synced: nothing to do";
    c.phase = "done";
    c.should = CollectionStory::Content{1, "text", {1, 2}, {3, 4}};
    c.stored.receipt = synced(one).receipt;
    c.held = HeldDocument{};
    story.collections = {c};
    c.should.reset();
    c.stored = {};
    c.held.reset();
    c.unasked = Error{Verdict::retry, Cause::unavailable, "away"};
    c.state = "unknown";
    story.collections.push_back(c);
    story.events = {{story.asked, CollectionName("products"), Happened::embedded_and_written, {1, {1, 1}, 0}},
                    {story.asked, std::nullopt, Happened::changed, {1, {1, 1}, 0}}};
    auto& job = ports.all_jobs.back();
    job.state = JobState::done;
    job.request.dry_run = true;
    job.created = job.started = job.updated = job.ended = story.asked;
    job.routes = {{{"shop", "products"}, CollectionName("products"), "done", 5, 5}};
    job.cost = JobCost{};
    job.result = JobResult{};
}

TEST_CASE("replies are as they are described") {
    Api api;
    const auto get = [&](const std::string& pattern, const std::string& target) {
        check_reply("GET", pattern, api.ask("GET", target));
    };
    const auto all = [&] {
        for (const auto* path :
             {"/healthz", "/readyz", "/startupz", "/openapi.json", "/v1/whoami", "/v1/status", "/v1/health",
              "/v1/collections", "/v1/documents", "/v1/dead-letters", "/v1/jobs", "/v1/settings", "/v1/log",
              "/api/sync/status", "/api/sync/documents", "/api/sync/tools"})
            get(path, path);
        get("/v1/collections/{name}", "/v1/collections/products");
        get("/v1/explain", "/v1/explain?namespace=shop.products&id=1");
        get("/v1/jobs/{id}", "/v1/jobs/20251128-010000-0001");
    };
    all();
    fill(api);
    all();
    get("/v1/documents", "/v1/documents?limit=1");
    get("/v1/documents", "/v1/documents?limit=0");
    get("/v1/collections/{name}", "/v1/collections/nothing");
    api.scripted.ports.shown = {};
    api.scripted.ports.story = {};
    for (const auto* path : {"/readyz", "/startupz", "/v1/health", "/v1/status", "/api/sync/status"})
        get(path, path);
    get("/v1/explain", "/v1/explain?namespace=shop.products&id=1");
}

TEST_CASE("replies to acts are as they are described") {
    Api api;
    fill(api);
    struct {
        std::string pattern, target, body;
    } const acts[]{
        {"/v1/apply", "/v1/apply", ""},
        {"/v1/apply", "/v1/apply", R"({"orphans":true})"},
        {"/v1/pause", "/v1/pause", ""},
        {"/v1/resume", "/v1/resume", "{}"},
        {"/v1/collections/{name}/pause", "/v1/collections/products/pause", ""},
        {"/v1/collections/{name}/resume", "/v1/collections/nothing/resume", ""},
        {"/v1/documents/retry", "/v1/documents/retry", R"({"status":"failed"})"},
        {"/v1/documents/retry", "/v1/documents/retry", R"({"status":"synced"})"},
        {"/v1/worker/run", "/v1/worker/run", ""},
        {"/v1/dead-letters/retry", "/v1/dead-letters/retry", R"({"all":true})"},
        {"/v1/dead-letters/drop", "/v1/dead-letters/drop", R"({"all":true})"},
        {"/v1/jobs", "/v1/jobs", R"({"type":"backfill"})"},
        {"/v1/jobs/{id}/pause", "/v1/jobs/20251128-010000-0001/pause", ""},
        {"/v1/jobs/{id}/resume", "/v1/jobs/none/resume", ""},
        {"/v1/jobs/{id}/cancel", "/v1/jobs/20251128-010000-0001/cancel", ""},
        {"/api/sync/documents/{id}/retry", "/api/sync/documents/2/retry", ""},
        {"/api/sync/tools/{id}/retry", "/api/sync/tools/none/retry", ""},
        {"/api/sync/batch", "/api/sync/batch", R"({"ids":["2","none"]})"},
        {"/api/sync/tools/batch", "/api/sync/tools/batch", R"({"ids":[]})"},
        {"/api/sync/all-pending", "/api/sync/all-pending", ""},
        {"/api/sync/tools/all-pending", "/api/sync/tools/all-pending", ""},
        {"/api/sync/reset/{id}", "/api/sync/reset/2", ""},
        {"/api/sync/tools/reset/{id}", "/api/sync/tools/reset/2", ""},
        {"/api/sync/worker/run", "/api/sync/worker/run", ""},
    };
    for (const auto& a : acts) check_reply("POST", a.pattern, api.ask("POST", a.target, a.body));
    check_reply("POST", "/v1/pause", api.ask(request("POST", "/v1/pause")));
    const auto level = std::string(json_of(api.ask("GET", "/v1/log")).at("level").as_string());
    check_reply("PUT", "/v1/log", api.ask("PUT", "/v1/log", R"({"level":")" + level + "\"}"));
}

TEST_CASE("the check finds what a reply has too much, too little and of another kind") {
    const Schemas schemas(document());
    const auto wrong = [&](const char* schema, const char* value) {
        return schemas
            .mistakes(json::object{{"$ref", std::string("#/components/schemas/") + schema}},
                      json::parse(value))
            .size();
    };
    CHECK(wrong("Alive", R"({"alive":true})") == 0);
    CHECK(wrong("Alive", R"({"alive":false})") == 1);
    CHECK(wrong("Alive", R"({})") == 1);
    CHECK(wrong("Alive", R"({"alive":true,"more":1})") == 1);
    CHECK(wrong("Alive", R"([])") == 1);
    CHECK(wrong("Role", R"("admin")") == 1);
    CHECK(wrong("Applied", R"({"released":1})") == 0);
    CHECK(wrong("Applied", R"({"released":-1})") == 1);
    CHECK(wrong("Ready", R"({"ready":true,"reasons":[{"code":"lag"}]})") == 2);
}

}  // namespace
}  // namespace halcyon::admin
