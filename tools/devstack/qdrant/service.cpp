#include "devstack/qdrant/service.hpp"

#include <charconv>
#include <chrono>
#include <limits>

#include "devstack/qdrant/decode.hpp"
#include "devstack/qdrant/query.hpp"
#include "devstack/qdrant/read.hpp"
#include "devstack/qdrant/update.hpp"

namespace halcyon::devstack::qdrant {

using Clock = std::chrono::steady_clock;

struct Service::Call {
    const HttpRequest& request;
    Target target;
    Answer answer;
    Clock::time_point start = Clock::now();

    bool is(std::string_view method) const { return request.method == method; }
    std::size_t depth() const { return target.parts.size(); }
    const std::string& part(std::size_t i) const { return target.parts[i]; }
    bool at(std::size_t i, std::string_view name) const { return i < depth() && part(i) == name; }
};

namespace {

struct Parameters {
    bool wait = false;
    std::optional<std::uint64_t> timeout;
};

Refused bad_query(const std::string& text) { return {400, "Deserialize error in query parameters: " + text}; }

std::uint64_t positive(const std::string& text, std::string_view name) {
    std::uint64_t number = 0;
    const auto done = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty()) throw bad_query("cannot parse integer from empty string");
    if (done.ec != std::errc{} || done.ptr != text.data() + text.size())
        throw bad_query("invalid digit found in string");
    if (number == 0)
        throw Refused(422, "Validation error in query parameters: [" + std::string(name) +
                               ": value 0 invalid, must be 1 or larger]");
    return number;
}

Parameters parse_parameters(const Target& target) {
    Parameters out;
    if (const auto* wait = target.parameter("wait")) {
        if (*wait != "true" && *wait != "false") throw bad_query("provided string was not `true` or `false`");
        out.wait = *wait == "true";
    }
    if (const auto* ordering = target.parameter("ordering")) {
        if (*ordering != "weak" && *ordering != "medium" && *ordering != "strong")
            throw bad_query("unknown variant `" + *ordering +
                            "`, expected one of `weak`, `medium`, `strong`");
    }
    if (const auto* timeout = target.parameter("timeout")) out.timeout = positive(*timeout, "timeout");
    if (const auto* consistency = target.parameter("consistency")) {
        const bool named = *consistency == "majority" || *consistency == "quorum" || *consistency == "all";
        if (!named &&
            (consistency->empty() || consistency->find_first_not_of("0123456789") != std::string::npos))
            throw bad_query("data did not match any variant of untagged enum ReadConsistency");
        if (!named) positive(*consistency, "consistency");
    }
    return out;
}

HttpReply ok(Clock::time_point start, std::string_view result) {
    HttpReply reply;
    reply.body.reserve(result.size() + 64);
    reply.body = "{\"result\":";
    reply.body += result;
    reply.body += ",\"status\":\"ok\",\"time\":";
    write_number(reply.body, std::chrono::duration<double>(Clock::now() - start).count());
    reply.body += '}';
    return reply;
}

HttpReply plain(unsigned status, std::string text, std::string type) {
    HttpReply reply;
    reply.status = status;
    reply.body = std::move(text);
    reply.type = std::move(type);
    return reply;
}

HttpReply no_route() { return plain(404, "", ""); }
HttpReply healthy(std::string text) { return plain(200, std::move(text), "text/plain; charset=utf-8"); }

constexpr std::string_view version_json = R"({"title":"qdrant - vector search engine","version":"1.18.3"})";

std::string update_result(std::uint64_t operation, std::string_view status) {
    return "{\"operation_id\":" + std::to_string(operation) + ",\"status\":\"" + std::string(status) + "\"}";
}

Index parse_index(const Json& schema) {
    constexpr std::string_view types[] = {"keyword", "integer", "float",    "geo",
                                          "text",    "bool",    "datetime", "uuid"};
    const Json* type = schema.object() ? schema.find("type") : &schema;
    for (const auto known : types) {
        if (type && *type == Json(known)) return {std::string(known), schema.object() ? schema : Json()};
    }
    throw no_variant("PayloadFieldSchema");
}

// The update operations of the routes below /points.
std::string_view update_kind(const HttpRequest& request, const Target& target) {
    struct Row {
        std::string_view method, first, second, kind;
    };
    constexpr Row rows[] = {{"PUT", "", "", "upsert"},
                            {"POST", "delete", "", "delete"},
                            {"POST", "payload", "", "set_payload"},
                            {"PUT", "payload", "", "overwrite_payload"},
                            {"POST", "payload", "delete", "delete_payload"},
                            {"POST", "payload", "clear", "clear_payload"},
                            {"PUT", "vectors", "", "update_vectors"},
                            {"POST", "vectors", "delete", "delete_vectors"}};
    const auto& parts = target.parts;
    const std::string_view first = parts.size() > 3 ? std::string_view(parts[3]) : "";
    const std::string_view second = parts.size() > 4 ? std::string_view(parts[4]) : "";
    if (parts.size() > 5) return {};
    for (const Row& row : rows)
        if (request.method == row.method && first == row.first && second == row.second) return row.kind;
    return {};
}

bool below_points(const Target& target) {
    return target.parts.size() >= 3 && target.parts[0] == "collections" && target.parts[2] == "points";
}

// Applies, unless the answer isn't to be honest. `operation` is the number for what isn't applied.
std::string apply(Collection& collection, Update update, Answer answer, bool wait, std::uint64_t operation) {
    if (answer == Answer::wait_timeout) return update_result(operation, "wait_timeout");
    if (answer == Answer::acknowledged) return update_result(operation, "acknowledged");
    if (wait) return update_result(collection.apply(std::move(update)), "completed");
    // Nobody waits for how it went: only what was refused before the queue is told.
    try {
        operation = collection.apply(std::move(update));
    } catch (const Refused&) {
        operation = collection.last_operation();
    }
    return update_result(operation, "acknowledged");
}

}  // namespace

HttpReply Service::error(unsigned status, const std::string& text) {
    HttpReply reply;
    reply.status = status;
    reply.body = "{\"status\":{\"error\":";
    write_text(reply.body, text);
    reply.body += "},\"time\":0.0}";
    return reply;
}

bool Service::is_write(const HttpRequest& request) {
    const Target target(request.target);
    return below_points(target) && (!update_kind(request, target).empty() ||
                                    (target.parts.size() == 4 && target.parts[3] == "batch"));
}

bool Service::allowed(const HttpRequest& request, const Target& target) const {
    const auto& parts = target.parts;
    if (api_key_.empty() || parts.empty()) return true;
    if (parts.size() == 1 && (parts[0] == "healthz" || parts[0] == "readyz" || parts[0] == "livez"))
        return true;
    const std::string_view bearer = request.header("Authorization");
    return request.header("api-key") == api_key_ ||
           (bearer.starts_with("Bearer ") && bearer.substr(7) == api_key_);
}

HttpReply Service::handle(const HttpRequest& request, Answer answer) {
    Call call{request, Target(request.target), answer};
    if (!allowed(request, call.target)) {
        // An empty key counts as a wrong one in the recorded server; only a missing header is told from it.
        const bool sent = request.header("api-key").data() || request.header("Authorization").data();
        return plain(
            401, sent ? "Invalid API key or JWT" : "Must provide an API key or an Authorization bearer token",
            "");
    }
    try {
        return route(call);
    } catch (const Refused& refused) {
        return error(refused.status(), refused.text() + (refused.at_end() ? end_position(request.body) : ""));
    }
}

HttpReply Service::route(Call& call) {
    if (call.at(0, "collections") && call.depth() > 1 && !(call.depth() == 2 && call.at(1, "aliases")))
        return call.at(2, "points") ? route_points(call) : route_collection(call);
    if (call.depth() == 2 && call.is("POST")) {
        const Json request = parse(call.request.body);
        parse_parameters(call.target);
        database_.change_aliases(request);
        return ok(call.start, "true");
    }
    if (!call.is("GET") || call.depth() > 1) return no_route();
    if (call.depth() == 0) {
        HttpReply reply;
        reply.body = version_json;
        return reply;
    }
    const std::string& name = call.part(0);
    if (name == "healthz" || name == "livez") return healthy("healthz check passed");
    if (name == "readyz") return healthy("all shards are ready");
    if (name == "collections") return ok(call.start, database_.list_json());
    if (name == "aliases") return ok(call.start, database_.aliases_json());
    if (name == "telemetry")
        return ok(call.start, R"({"id":"development","app":{"name":"qdrant","version":"1.18.3"}})");
    return no_route();
}

HttpReply Service::route_collection(Call& call) {
    const std::string& name = call.part(1);
    if (call.depth() == 2) {
        if (call.is("GET")) return ok(call.start, Database::info_json(database_.get(name)));
        if (!call.is("PUT") && !call.is("PATCH") && !call.is("DELETE")) return no_route();
        parse_parameters(call.target);
        if (call.is("DELETE")) return ok(call.start, database_.remove(name) ? "true" : "false");
        const Json request = parse(call.request.body);
        if (call.is("PUT"))
            database_.create(name, CollectionConfig::create(request));
        else
            database_.get(name).config().update(request);
        return ok(call.start, "true");
    }
    if (call.at(2, "index")) return index(call);
    if (call.depth() != 3) return no_route();
    if (call.is("GET") && call.at(2, "exists"))
        return ok(call.start, database_.exists(name) ? R"({"exists":true})" : R"({"exists":false})");
    if (call.is("GET") && call.at(2, "aliases")) return ok(call.start, database_.aliases_json(name));
    if (call.is("POST") && call.at(2, "facet")) return read<Facet>(call);
    return no_route();
}

HttpReply Service::index(Call& call) {
    const bool put = call.is("PUT") && call.depth() == 3;
    if (!put && !(call.is("DELETE") && call.depth() == 4)) return no_route();
    const Parameters parameters = parse_parameters(call.target);
    const auto done = [&](std::uint64_t operation) {
        return ok(call.start, update_result(operation, parameters.wait ? "completed" : "acknowledged"));
    };
    if (!put) return done(database_.get(call.part(1)).delete_index(call.part(3)));
    const Json request = parse(call.request.body);
    expect_object(request, "CreateFieldIndex");
    const std::string& field = to_text(required(request, "field_name"));
    Path::parse(field);
    const Json* schema = given(request, "field_schema");
    if (schema == nullptr) throw not_here("guessing of an index's type");
    Index index = parse_index(*schema);
    return done(database_.get(call.part(1)).set_index(field, std::move(index)));
}

HttpReply Service::route_points(Call& call) {
    const auto kind = update_kind(call.request, call.target);
    if (!kind.empty()) return update(call, kind);
    if (call.depth() == 3) return call.is("POST") ? read<Retrieve>(call) : no_route();
    if (call.depth() == 4 && call.is("GET")) {
        const auto id = PointId::from_path(call.part(3));
        parse_parameters(call.target);
        if (!id) throw wrong_input("Can not recognize \"" + call.part(3) + "\" as point id");
        return ok(call.start, read_one(database_.get(call.part(1)), *id));
    }
    if (!call.is("POST")) return no_route();
    if (call.depth() == 5 && call.at(3, "query") && call.at(4, "batch")) return query_batch(call);
    if (call.depth() != 4) return no_route();
    const std::string& verb = call.part(3);
    if (verb == "batch") return update_batch(call);
    if (verb == "scroll") return read<Scroll>(call);
    if (verb == "count") return read<Count>(call);
    if (verb != "query" && verb != "search") return no_route();
    const Parameters parameters = parse_parameters(call.target);
    const Json request = parse(call.request.body);
    const Query query = verb == "query" ? Query::parse(request) : Query::parse_search(request);
    const Collection& collection = database_.get(call.part(1));
    if (parameters.timeout) check_limit(*parameters.timeout, collection.config().strict().timeout, "timeout");
    const std::string points = query.run(collection);
    return ok(call.start, verb == "query" ? "{\"points\":" + points + "}" : points);
}

template <class Read>
HttpReply Service::read(Call& call) {
    const Parameters parameters = parse_parameters(call.target);
    const Read request(parse(call.request.body));
    const Collection& collection = database_.get(call.part(1));
    if (parameters.timeout) check_limit(*parameters.timeout, collection.config().strict().timeout, "timeout");
    return ok(call.start, request.run(collection));
}

std::string all_points_json(const Collection& collection) {
    Scroll scroll(Json::Object{{"with_vector", true}});
    scroll.limit = std::numeric_limits<std::uint64_t>::max();
    return scroll.run(collection);
}

HttpReply Service::query_batch(Call& call) {
    parse_parameters(call.target);
    const Json request = parse(call.request.body);
    expect_object(request, "QueryRequestBatch");
    std::vector<Query> queries;
    for (const Json& each : to_array(required(request, "searches"))) queries.push_back(Query::parse(each));
    const Collection& collection = database_.get(call.part(1));
    std::string out = "[";
    for (const Query& query : queries) {
        if (out.size() > 1) out += ',';
        out += "{\"points\":" + query.run(collection) + "}";
    }
    return ok(call.start, out + "]");
}

HttpReply Service::update(Call& call, std::string_view kind) {
    const Parameters parameters = parse_parameters(call.target);
    Update update = parse_update(kind, call.request.body);
    Collection& collection = database_.get(call.part(1));
    if (parameters.timeout) check_limit(*parameters.timeout, collection.config().strict().timeout, "timeout");
    collection.check(update);
    const std::uint64_t next = collection.last_operation() + 1;
    if (const auto* upsert = std::get_if<Upsert>(&update)) upserted_ += upsert->points.size();
    return ok(call.start, apply(collection, std::move(update), call.answer, parameters.wait, next));
}

HttpReply Service::update_batch(Call& call) {
    const Parameters parameters = parse_parameters(call.target);
    std::vector<Update> updates = parse_batch(call.request.body);
    Collection& collection = database_.get(call.part(1));
    if (parameters.timeout) check_limit(*parameters.timeout, collection.config().strict().timeout, "timeout");
    std::uint64_t next = collection.last_operation();
    std::string out = "[";
    for (Update& update : updates) {
        if (out.size() > 1) out += ',';
        collection.check(update);
        if (const auto* upsert = std::get_if<Upsert>(&update)) upserted_ += upsert->points.size();
        out += apply(collection, std::move(update), call.answer, parameters.wait, ++next);
    }
    return ok(call.start, out + "]");
}

}  // namespace halcyon::devstack::qdrant
