#include "app/control.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <variant>

#include "app/document_json.hpp"

#include "app/documents_control.hpp"
#include "cli/table.hpp"

namespace halcyon::app {
namespace {

namespace json = boost::json;

Task<Result<std::vector<CollectionCounts>>> counts_of(StateReader* state) { return state->counts(); }

Task<net::ServerReply> status(pipeline::Pipeline* pipeline, StateReader* state) {
    auto counts = co_await counts_of(state);
    if (counts.has_error()) co_return answer(counts.error());
    co_return net::ServerReply{.status = 200, .body = status_json(pipeline->status(), counts.value())};
}

std::string history_reason(const pipeline::HistoryLeft& h) {
    return fmt::format("history: {} left before the position is lost, less than mongodb.history_warning ({})",
                       cli::duration_text(h.left()->count() * 1000),
                       cli::duration_text(h.bound().count() * 1000));
}

/// Healthy: the loop turns, the stream is open or is being opened, the position will last, and no collection
/// waits for an operator.
net::ServerReply health(const pipeline::Pipeline& pipeline) {
    const auto s = pipeline.status();
    json::array reasons;
    if (!s.streaming)
        reasons.emplace_back(s.trouble.empty() ? "the change stream is not open yet" : s.trouble);
    if (s.history.low()) reasons.emplace_back(history_reason(s.history));
    for (const auto& c : s.collections)
        if (c.many_letters)
            reasons.emplace_back(
                fmt::format("{}: {} dead letters, near the bound (dead_letters.max); `halcyon dead-letters "
                            "list` shows them",
                            c.name, c.letters));
    for (const auto& c : s.collections)
        if (c.paused) reasons.emplace_back(fmt::format("{}: {}", c.name, c.reason));
    for (const auto& [guard, question] : s.held) reasons.emplace_back(fmt::format("{}: {}", guard, question));
    const bool healthy = reasons.empty();
    return {.status = healthy ? 200u : 503u,
            .body = json::serialize(
                json::object{{"healthy", healthy}, {"in_sync", s.in_sync}, {"reasons", std::move(reasons)}})};
}

Task<net::ServerReply> list(StateReader* state, net::ServerRequest request) {
    const auto limit = page_limit(request);
    if (!limit) co_return wrong_limit();
    std::optional<CollectionName> collection;
    if (auto name = request.query_value("collection")) collection = CollectionName(*name);
    auto page = co_await state->dead_letters(collection, request.query_value("from"), *limit);
    if (page.has_error()) co_return answer(page.error());
    co_return net::ServerReply{.status = 200, .body = dead_letters_json(page.value())};
}

/// {"collection","namespace","id"}: which letter is meant; a problem names the field that is wrong.
std::variant<ReceiptKey, net::ServerReply> key_of(const json::object& body) {
    const auto text = [&](std::string_view field) -> std::optional<std::string> {
        const auto* v = body.if_contains(field);
        if (!v || !v->is_string()) return std::nullopt;
        return std::string(v->as_string());
    };
    for (const auto& [name, value] : body)
        if (name != "collection" && name != "namespace" && name != "id")
            return net::problem(400, "unknown field",
                                fmt::format("{} is none of collection, namespace, id", std::string(name)),
                                name);
    for (const auto* field : {"collection", "namespace", "id"})
        if (!text(field))
            return net::problem(400, "a field is missing", fmt::format("{} must be a text", field), field);
    const auto ns = Namespace::parse(*text("namespace"));
    if (ns.has_error()) return net::problem(400, "no namespace", ns.error().context, "namespace");
    const auto id = DocId::parse(*text("id"));
    if (id.has_error()) return net::problem(400, "no id", id.error().context, "id");
    return ReceiptKey{CollectionName(*text("collection")), {ns.value(), id.value()}};
}

using Act = std::function<Task<Result<>>(ReceiptKey)>;

Task<net::ServerReply> act(StateReader* state, Act what, net::ServerRequest request) {
    boost::system::error_code ec;
    const auto body = json::parse(request.body, ec);
    if (ec || !body.is_object()) co_return net::problem(400, "the body is no JSON object", ec.message());
    std::uint64_t done = 0;
    if (const auto* all = body.as_object().if_contains("all")) {
        if (!all->is_bool() || !all->as_bool()) co_return net::problem(400, "all must be true", {}, "all");
        // All keys first: a retried letter leaves the list, and one that fails again comes back.
        std::vector<ReceiptKey> keys;
        std::optional<std::string> from;
        do {
            auto page = co_await state->dead_letters(std::nullopt, from, largest_page);
            if (page.has_error()) co_return answer(page.error());
            for (auto& [key, letter] : page.value().rows) keys.push_back(std::move(key));
            from = page.value().next;
        } while (from);
        for (auto& key : keys) {
            auto outcome = co_await what(std::move(key));
            if (outcome.has_error()) co_return answer(outcome.error());
            ++done;
        }
        co_return net::ServerReply{.status = 200, .body = json::serialize(json::object{{"letters", done}})};
    }
    auto key = key_of(body.as_object());
    if (auto* wrong = std::get_if<net::ServerReply>(&key)) co_return std::move(*wrong);
    const auto& wanted = std::get<ReceiptKey>(key);
    std::optional<std::string> from;
    do {
        auto page = co_await state->dead_letters(wanted.collection, from, largest_page);
        if (page.has_error()) co_return answer(page.error());
        for (auto& [known, letter] : page.value().rows) done += known == wanted ? 1 : 0;
        from = page.value().next;
    } while (from && done == 0);
    if (done == 0)
        co_return net::problem(
            404, "no such dead letter",
            fmt::format("{} of {} has none in {}; `halcyon dead-letters list` shows all",
                        wanted.document.id.display(), wanted.document.ns.text(), wanted.collection.value()),
            "id");
    auto outcome = co_await what(wanted);
    if (outcome.has_error()) co_return answer(outcome.error());
    co_return net::ServerReply{.status = 200, .body = json::serialize(json::object{{"letters", done}})};
}

json::object history_json(const pipeline::HistoryLeft& h) {
    return {{"left_s", h.left() ? json::value(h.left()->count()) : json::value(nullptr)},
            {"low", h.low()},
            {"unknown", h.why()}};
}

Task<net::ServerReply> ready(net::ServerReply reply) { co_return reply; }

/// {"orphans": true} removes what routes that are gone left; otherwise guards let go.
net::ServerReply apply(pipeline::Pipeline& pipeline, const net::ServerRequest& request) {
    boost::system::error_code ec;
    const auto body = request.body.empty() ? json::value(json::object()) : json::parse(request.body, ec);
    if (ec || !body.is_object()) return net::problem(400, "the body is no JSON object", ec.message());
    bool orphans = false;
    for (const auto& [name, value] : body.as_object()) {
        if (name != "orphans")
            return net::problem(400, "unknown field", fmt::format("{} is not orphans", std::string(name)),
                                name);
        if (!value.is_bool()) return net::problem(400, "orphans must be true or false", {}, "orphans");
        orphans = value.as_bool();
    }
    if (orphans)
        return {.status = 200, .body = json::serialize(json::object{{"routes", pipeline.remove_orphans()}})};
    const auto held = pipeline.status().held.size();
    pipeline.approve();
    return {.status = 200, .body = json::serialize(json::object{{"released", held}})};
}

}  // namespace

std::string status_json(const pipeline::Status& s, const std::vector<CollectionCounts>& counts,
                        bool stopped) {
    json::object out{{"in_sync", s.in_sync},
                     {"streaming", s.streaming},
                     {"trouble", s.trouble},
                     {"lag_ms", s.lag ? json::value(s.lag->count()) : json::value(nullptr)},
                     {"history", history_json(s.history)},
                     {"events", s.events},
                     {"under_way", s.under_way},
                     {"reopened", s.reopened},
                     {"rescans", s.rescans},
                     {"commits", s.commits},
                     {"embedded_texts", s.embedded_texts},
                     {"embedding_requests", s.embedding_requests},
                     {"epoch", s.epoch},
                     {"stopping", s.stopping}};
    if (stopped) out["stopped"] = true;
    if (s.vector_cache)
        out["vector_cache"] = {{"hits", s.vector_cache->hits},
                               {"misses", s.vector_cache->misses},
                               {"bytes", s.vector_cache->bytes}};
    if (s.status_writeback)
        out["status_writeback"] = {{"written", s.status_writeback->written},
                                   {"waiting", s.status_writeback->waiting},
                                   {"dropped", s.status_writeback->dropped},
                                   {"refused", s.status_writeback->refused},
                                   {"trouble", s.status_writeback->trouble}};
    json::array routes;
    for (const auto& r : s.routes)
        routes.push_back(json::object{{"from", r.from},
                                      {"to", r.to},
                                      {"phase", r.phase},
                                      {"scanned", r.scanned},
                                      {"estimate", r.estimate}});
    json::array collections;
    for (const auto& c : s.collections) {
        json::object row{{"name", c.name},
                         {"paused", c.paused},
                         {"reason", c.reason},
                         {"in_flight", c.in_flight},
                         {"waiting", c.waiting},
                         {"embedded", c.stats.embedded},
                         {"upserted", c.stats.upserted},
                         {"payloads", c.stats.payloads},
                         {"removed", c.stats.removed},
                         {"skipped", c.stats.skipped},
                         {"superseded", c.stats.superseded},
                         {"confirmed", c.stats.confirmed},
                         {"doubts", c.stats.doubts}};
        for (const auto& n : counts)
            if (n.collection.value() == c.name) {
                row["documents"] = n.receipts;
                row["tombstones"] = n.tombstones;
                row["owed"] = n.owed;
                row["dead_letters"] = n.dead;
                for (const auto status :
                     {SyncStatus::synced, SyncStatus::pending, SyncStatus::stale, SyncStatus::failed})
                    row[to_string(status)] = n.of(status);
            }
        collections.push_back(std::move(row));
    }
    json::array held;
    for (const auto& [guard, question] : s.held)
        held.push_back(json::object{{"guard", guard}, {"question", question}});
    out["routes"] = std::move(routes);
    out["collections"] = std::move(collections);
    out["held"] = std::move(held);
    out["changes"] = changes_json(s.changes);
    return json::serialize(out);
}

std::string dead_letters_json(const Page<DeadLetter>& page) {
    json::array rows;
    for (const auto& [key, letter] : page.rows)
        rows.push_back(json::object{{"collection", key.collection.value()},
                                    {"namespace", key.document.ns.text()},
                                    {"id", key.document.id.json()},
                                    {"code", to_string(letter.code)},
                                    {"reason", letter.reason},
                                    {"attempts", letter.attempts},
                                    {"first", rfc3339(letter.first)},
                                    {"last", rfc3339(letter.last)},
                                    {"payload", letter.payload}});
    json::object out{{"letters", std::move(rows)}};
    if (page.next) out["next"] = *page.next;
    return json::serialize(out);
}

net::Router control_routes(pipeline::Pipeline& pipeline, StateReader& state) {
    auto* p = &pipeline;
    auto* s = &state;
    net::Router router;
    router.add("GET", "/v1/status", [p, s](net::ServerRequest) { return status(p, s); });
    router.add("GET", "/v1/health", [p](net::ServerRequest) { return ready(health(*p)); });
    router.add("POST", "/v1/apply", [p](net::ServerRequest r) { return ready(apply(*p, r)); });
    router.add("GET", "/v1/dead-letters", [s](net::ServerRequest r) { return list(s, std::move(r)); });
    router.add("POST", "/v1/dead-letters/retry", [p, s](net::ServerRequest r) {
        return act(s, [p](ReceiptKey key) { return p->retry({std::move(key)}, {}); }, std::move(r));
    });
    router.add("POST", "/v1/dead-letters/drop", [p, s](net::ServerRequest r) {
        return act(s, [p](ReceiptKey key) { return p->drop_dead_letter(std::move(key)); }, std::move(r));
    });
    add_document_routes(router, pipeline, state);
    return router;
}

}  // namespace halcyon::app
