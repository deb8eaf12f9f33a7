#include "admin/body.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "api/document_json.hpp"

namespace halcyon::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t default_page = 100;
constexpr std::size_t deepest = 32;
constexpr std::size_t longest_name = 100;

Wrong wrong_type(std::string_view where, std::string_view name, std::string_view must_be) {
    const auto field = fmt::format("{}{}", where, name);
    return net::problem(400, "wrong type", fmt::format("{} must be {}", field, must_be), field);
}

}  // namespace

Read<json::object> object_of(const net::ServerRequest& request) {
    if (request.body.empty()) return json::object();
    boost::system::error_code ec;
    json::parse_options options;
    options.max_depth = deepest;
    auto body = json::parse(request.body, ec, {}, options);
    if (ec) return net::problem(400, "the body is no JSON", ec.message());
    if (!body.is_object()) return net::problem(400, "the body is no JSON object");
    return std::move(body.as_object());
}

std::optional<Wrong> unknown_field(const json::object& o, std::initializer_list<std::string_view> known,
                                   std::string_view where) {
    for (const auto& [name, value] : o) {
        if (std::find(known.begin(), known.end(), std::string_view(name)) != known.end()) continue;
        const auto field = fmt::format("{}{}", where, api::bounded(name, longest_name));
        return net::problem(400, "unknown field",
                            known.size() == 0
                                ? fmt::format("{} is not known: nothing is", field)
                                : fmt::format("{} is none of {}", field, fmt::join(known, ", ")),
                            field);
    }
    return std::nullopt;
}

Read<std::optional<std::string>> text_of(const json::object& o, std::string_view name,
                                         std::string_view where) {
    const auto* v = o.if_contains(name);
    if (!v) return std::optional<std::string>();
    if (v->is_string()) return std::optional(std::string(v->as_string()));
    return wrong_type(where, name, "a text");
}

std::optional<Wrong> read_flag(const json::object& o, std::string_view name, bool& out) {
    const auto* v = o.if_contains(name);
    if (!v) return std::nullopt;
    if (!v->is_bool()) return wrong_type("", name, "true or false");
    out = v->as_bool();
    return std::nullopt;
}

std::optional<Wrong> read_count(const json::object& o, std::string_view name, std::uint64_t& out) {
    const auto* v = o.if_contains(name);
    if (!v) return std::nullopt;
    boost::system::error_code ec;
    const auto n = v->to_number<std::uint64_t>(ec);
    if (ec) return wrong_type("", name, "a whole number from 0 on");
    out = n;
    return std::nullopt;
}

bool leads(const std::vector<RouteStatus>& routes, std::string_view ns, std::string_view collection) {
    return std::any_of(routes.begin(), routes.end(), [&](const auto& r) {
        return (ns.empty() || r.from == ns) && (collection.empty() || r.to == collection);
    });
}

std::optional<Wrong> read_collection(const json::object& o, const std::vector<RouteStatus>& routes,
                                     std::optional<CollectionName>& out) {
    auto got = text_of(o, "collection");
    if (auto* wrong = std::get_if<Wrong>(&got)) return std::move(*wrong);
    const auto& name = std::get<std::optional<std::string>>(got);
    if (!name) return std::nullopt;
    if (name->empty() || !leads(routes, "", *name))
        return net::problem(404, "no such collection", fmt::format("no route leads to {}", *name),
                            "collection");
    out = CollectionName(*name);
    return std::nullopt;
}

std::optional<std::size_t> number_of(const net::ServerRequest& request, std::string_view name,
                                     std::size_t otherwise, std::size_t most) {
    const auto text = request.query_value(name);
    if (!text) return otherwise;
    std::size_t n = 0;
    const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), n);
    if (ec != std::errc() || end != text->data() + text->size() || n == 0 || n > most) return std::nullopt;
    return n;
}

std::optional<Wrong> empty_parameter(const net::ServerRequest& request,
                                     std::initializer_list<std::string_view> names) {
    for (const auto name : names)
        if (request.query_value(name) == "")
            return net::problem(400, "wrong parameter", fmt::format("{} is empty: leave it out", name), name);
    return std::nullopt;
}

std::optional<std::size_t> page_limit(const net::ServerRequest& request, std::size_t most) {
    return number_of(request, "limit", std::min(default_page, most), most);
}

net::ServerReply wrong_limit(std::size_t most) {
    return net::problem(400, "limit is out of range", fmt::format("a number from 1 to {}", most), "limit");
}

net::ServerReply wrong_page(const Error& e) {
    if (e.verdict != Verdict::reject || e.cause != Cause::invalid) return answer(e);
    return net::problem(400, "no such page", e.context, "from");
}

net::ServerReply answer(const Error& e) {
    const unsigned status = e.cause == Cause::not_found    ? 404
                            : e.cause == Cause::conflict   ? 409
                            : e.verdict == Verdict::reject ? 400
                                                           : 503;
    return net::problem(status, std::string(to_string(e.cause)), e.context);
}

net::ServerReply reply_of(const json::object& body, unsigned status) {
    return {.status = status, .body = json::serialize(body)};
}

Task<net::ServerReply> ready(net::ServerReply reply) { co_return reply; }

}  // namespace halcyon::admin
