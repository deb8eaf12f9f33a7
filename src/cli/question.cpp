#include "cli/question.hpp"

#include <boost/json.hpp>
#include <cstdio>

#include "cli/ask.hpp"

namespace halcyon::cli {

namespace json = boost::json;

std::string text(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    if (!v || v->is_null()) return "";
    return v->is_string() ? std::string(v->as_string()) : json::serialize(*v);
}

std::uint64_t number(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    return v && v->is_number() ? v->to_number<std::uint64_t>() : 0;
}

bool flag(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    return v && v->is_bool() && v->as_bool();
}

const json::array& rows(const json::object& o, std::string_view name) {
    static const json::array none;
    const auto* v = o.if_contains(name);
    return v && v->is_array() ? v->as_array() : none;
}

const json::object* object(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    return v && v->is_object() ? &v->as_object() : nullptr;
}

Answer question(const Target& target, const std::string& method, const std::string& path,
                const std::string& body, std::chrono::seconds patience) {
    Answer a;
    a.parsed = std::make_shared<const json::object>();
    auto reply = ask(target.socket, method, path, body, patience);
    if (reply.has_error()) {
        a.exit = Exit::unreachable;
        return a;
    }
    a.raw = reply.value().body;
    boost::system::error_code ec;
    auto parsed = json::parse(a.raw, ec);
    if (ec || !parsed.is_object()) {
        std::fprintf(stderr, "the sidecar's reply is not understood (another version of halcyon?): %s\n",
                     ec.message().c_str());
        a.exit = Exit::failed;
        return a;
    }
    a.parsed = std::make_shared<const json::object>(std::move(parsed.as_object()));
    const auto code = reply.value().status;
    if (code >= 400 && code != 503) {
        const auto detail = text(a.body(), "detail");
        std::fprintf(stderr, "%s%s%s\n", text(a.body(), "title").c_str(), detail.empty() ? "" : ": ",
                     detail.c_str());
        a.exit = code == 404 ? Exit::unknown_id : code == 400 ? Exit::usage : Exit::failed;
    } else if (code == 503) {
        a.exit = Exit::failed;
    }
    return a;
}

}  // namespace halcyon::cli
