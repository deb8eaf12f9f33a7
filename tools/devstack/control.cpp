#include "devstack/control.hpp"

#include <charconv>
#include <stdexcept>

namespace halcyon::devstack {
namespace {

HttpReply ok() { return {200, R"({"ok":true})", "application/json", {}, false}; }

// As a JSON string.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c < ' ' ? ' ' : c;
    }
    return out + "\"";
}

HttpReply refuse(unsigned status, const std::string& why) {
    return {status, R"({"ok":false,"error":)" + quoted(why) + "}", "application/json", {}, false};
}

std::string names_json(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ",") + quoted(name);
    return R"({"fired":[)" + out + "]}";
}

// A number of the query: ?ms=500
std::int64_t parameter(const HttpRequest& request, const std::string& name, std::int64_t otherwise) {
    const std::size_t question = request.target.find('?');
    std::string_view query = question == std::string::npos
                                 ? std::string_view()
                                 : std::string_view(request.target).substr(question + 1);
    while (!query.empty()) {
        const std::string_view part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), part.size() + 1));
        if (!part.starts_with(name + "=")) continue;
        std::int64_t out = 0;
        const std::string_view digits = part.substr(name.size() + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
        if (error != std::errc{} || end != digits.data() + digits.size())
            throw std::invalid_argument(name + " is no number");
        return out;
    }
    return otherwise;
}

std::optional<HttpReply> mongodb_call(const Controlled& to, const HttpRequest& request) {
    if (to.mongodb == nullptr || request.method != "POST") return std::nullopt;
    const std::string_view path = request.path();
    if (path == "/mongodb/election") {
        to.mongodb->election();
        to.mongodb_wire->cut();
    } else if (path == "/mongodb/lose-history") {
        to.mongodb->lose_history();
    } else if (path == "/mongodb/new-identity") {
        to.mongodb->new_identity(parameter(request, "back_seconds", 3600));
        to.mongodb_wire->cut();
    } else if (path == "/mongodb/rewind") {
        to.mongodb->rewind(parameter(request, "back_seconds", 3600));
        to.mongodb_wire->cut();
    } else if (path == "/mongodb/down") {
        to.mongodb_wire->down(std::chrono::milliseconds(parameter(request, "ms", 1000)));
    } else if (path == "/mongodb/cut") {
        to.mongodb_wire->cut();
    } else {
        return std::nullopt;
    }
    return ok();
}

// Waits until a fault with a name has fired.
void fired(const Controlled& to, const HttpRequest& request, const std::shared_ptr<HttpExchange>& exchange) {
    const std::chrono::milliseconds patience(parameter(request, "ms", 1000));
    const auto told = std::make_shared<Faults::Told>([exchange](const std::vector<std::string>& names) {
        exchange->reply({200, names_json(names), "application/json", {}, false});
    });
    exchange->after(patience, [told] { (*told)({}); });
    to.faults->when_told(told);
}

HttpReply answer(const Controlled& to, const HttpRequest& request) {
    const std::string_view path = request.path();
    if (path == "/state" && request.method == "GET")
        return {200, to.faults->state_json(), "application/json", {}, false};
    if (path == "/faults" && request.method == "POST") {
        for (Fault& fault : Faults::parse(request.body)) to.faults->add(std::move(fault));
        return ok();
    }
    if (path == "/faults" && request.method == "DELETE") {
        to.faults->clear();
        return ok();
    }
    if (auto reply = mongodb_call(to, request)) return *reply;
    if (to.qdrant) {
        if (auto reply = to.qdrant(request)) return *reply;
    }
    return refuse(404, "no such call: " + request.method + " " + std::string(path));
}

}  // namespace

HttpHandler control_handler(Controlled controlled) {
    return [controlled = std::move(controlled)](const HttpRequest& request,
                                                const std::shared_ptr<HttpExchange>& exchange) {
        try {
            if (request.path() == "/fired" && request.method == "GET")
                return fired(controlled, request, exchange);
            exchange->reply(answer(controlled, request));
        } catch (const std::exception& error) {
            exchange->reply(refuse(400, error.what()));
        }
    };
}

}  // namespace halcyon::devstack
