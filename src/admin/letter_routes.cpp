// Dead letters.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <functional>

#include "admin/body.hpp"
#include "admin/tables.hpp"
#include "api/document_json.hpp"

namespace halcyon::admin {
namespace {

namespace json = boost::json;

Task<net::ServerReply> list(Sidecar* sidecar, net::ServerRequest request) {
    const auto limit = page_limit(request, api::largest_page);
    if (!limit) co_return wrong_limit(api::largest_page);
    if (auto wrong = empty_parameter(request, {"collection"})) co_return std::move(*wrong);
    std::optional<CollectionName> collection;
    if (auto name = request.query_value("collection")) collection = CollectionName(*name);
    auto page = co_await sidecar->state.dead_letters(collection, request.query_value("from"), *limit);
    if (page.has_error()) co_return wrong_page(page.error());
    co_return net::ServerReply{.status = 200, .body = api::dead_letters_json(page.value())};
}

/// {"collection","namespace","id"}: which letter is meant.
Read<ReceiptKey> key_of(const json::object& body) {
    if (auto wrong = unknown_field(body, {"collection", "namespace", "id"})) return std::move(*wrong);
    std::string text[3];
    const std::string_view names[]{"collection", "namespace", "id"};
    for (std::size_t i = 0; i < 3; ++i) {
        auto got = text_of(body, names[i]);
        if (auto* wrong = std::get_if<Wrong>(&got)) return std::move(*wrong);
        const auto& value = std::get<std::optional<std::string>>(got);
        if (!value)
            return net::problem(400, "a field is missing", fmt::format("{} must be a text", names[i]),
                                names[i]);
        text[i] = *value;
    }
    const auto ns = Namespace::parse(text[1]);
    if (ns.has_error()) return net::problem(400, "no namespace", ns.error().context, "namespace");
    const auto id = DocId::parse(text[2]);
    if (id.has_error()) return net::problem(400, "no id", id.error().context, "id");
    return ReceiptKey{CollectionName(text[0]), {ns.value(), id.value()}};
}

using Act = std::function<Task<Result<>>(ReceiptKey)>;

Task<net::ServerReply> act_on_all(StateReader* state, Act what) {
    // All keys first: a retried letter leaves the list, and one that fails again comes back.
    std::vector<ReceiptKey> keys;
    std::optional<std::string> from;
    do {
        auto page = co_await state->dead_letters(std::nullopt, from, api::largest_page);
        if (page.has_error()) co_return answer(page.error());
        for (auto& [key, letter] : page.value().rows) keys.push_back(std::move(key));
        from = page.value().next;
    } while (from);
    for (auto& key : keys) {
        auto outcome = co_await what(std::move(key));
        if (outcome.has_error()) co_return answer(outcome.error());
    }
    co_return reply_of({{"letters", keys.size()}});
}

Task<net::ServerReply> act(StateReader* state, Act what, net::ServerRequest request) {
    auto read = object_of(request);
    if (auto* wrong = std::get_if<Wrong>(&read)) co_return std::move(*wrong);
    const auto& body = std::get<json::object>(read);
    if (const auto* all = body.if_contains("all")) {
        if (auto wrong = unknown_field(body, {"all"})) co_return std::move(*wrong);
        if (!all->is_bool() || !all->as_bool()) co_return net::problem(400, "all must be true", {}, "all");
        co_return co_await act_on_all(state, std::move(what));
    }
    auto key = key_of(body);
    if (auto* wrong = std::get_if<Wrong>(&key)) co_return std::move(*wrong);
    const auto& wanted = std::get<ReceiptKey>(key);
    const std::vector<ReceiptKey> keys{wanted};
    auto stored = co_await state->stored(keys);
    if (stored.has_error()) co_return answer(stored.error());
    if (!stored.value().front().letter)
        co_return net::problem(
            404, "no such dead letter",
            fmt::format("{} of {} has none in {}; `halcyon dead-letters list` shows all",
                        wanted.document.id.display(), wanted.document.ns.text(), wanted.collection.value()),
            "id");
    auto outcome = co_await what(wanted);
    if (outcome.has_error()) co_return answer(outcome.error());
    co_return reply_of({{"letters", 1}});
}

}  // namespace

Routes letter_routes(Sidecar& sidecar) {
    auto* s = &sidecar;
    return {
        {"GET",
         "/v1/dead-letters",
         Role::viewer,
         [s](net::ServerRequest r) { return list(s, std::move(r)); },
         {"collection", "limit", "from"}},
        {"POST", "/v1/dead-letters/retry", Role::operator_,
         [s](net::ServerRequest r) {
             return act(
                 &s->state, [s](ReceiptKey key) { return s->documents.retry({std::move(key)}, {}); },
                 std::move(r));
         }},
        {"POST", "/v1/dead-letters/drop", Role::operator_,
         [s](net::ServerRequest r) {
             return act(
                 &s->state, [s](ReceiptKey key) { return s->documents.drop_dead_letter(std::move(key)); },
                 std::move(r));
         }},
    };
}

}  // namespace halcyon::admin
