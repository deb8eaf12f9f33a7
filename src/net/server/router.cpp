#include "net/server/router.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <stdexcept>

namespace halcyon::net {
namespace {

enum class Kind { literal, uint, text };

struct Segment {
    Kind kind = Kind::literal;
    std::string name{};  // of the parameter, or the literal itself
};

struct Route {
    std::string pattern;
    std::vector<Segment> segments;
    std::map<std::string, Handler> methods;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> parts;
    path.remove_prefix(1);
    for (;;) {
        const auto part = path.substr(0, path.find('/'));
        parts.push_back(part);
        if (part.size() == path.size()) return parts;
        path.remove_prefix(part.size() + 1);
    }
}

std::vector<Segment> parse_pattern(const std::string& pattern) {
    if (!pattern.starts_with('/'))
        throw std::logic_error(fmt::format("route {}: does not begin with /", pattern));
    std::vector<Segment> segments;
    for (const auto part : split(pattern)) {
        if (!part.starts_with('{')) {
            segments.push_back({Kind::literal, std::string(part)});
            continue;
        }
        const auto inner = part.substr(1, part.size() - 2);
        const auto colon = inner.find(':');
        const auto type = colon == std::string_view::npos ? "text" : inner.substr(colon + 1);
        if (!part.ends_with('}') || inner.substr(0, colon).empty() || (type != "text" && type != "uint"))
            throw std::logic_error(fmt::format("route {}: malformed parameter {}", pattern, part));
        segments.push_back({type == "uint" ? Kind::uint : Kind::text, std::string(inner.substr(0, colon))});
    }
    return segments;
}

bool is_uint(std::string_view text) {
    std::uint64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    return error == std::errc{} && end == text.data() + text.size();
}

std::optional<Parameters> match(const Route& route, const std::vector<std::string>& parts) {
    if (route.segments.size() != parts.size()) return std::nullopt;
    Parameters found;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto& segment = route.segments[i];
        if (segment.kind == Kind::literal) {
            if (segment.name != parts[i]) return std::nullopt;
            continue;
        }
        if (parts[i].empty() || (segment.kind == Kind::uint && !is_uint(parts[i]))) return std::nullopt;
        found.emplace_back(segment.name, parts[i]);
    }
    return found;
}

bool same_shape(const Route& route, const std::vector<Segment>& segments) {
    return std::ranges::equal(route.segments, segments, [](const Segment& a, const Segment& b) {
        return a.kind == b.kind && (a.kind != Kind::literal || a.name == b.name);
    });
}

}  // namespace

struct Router::State {
    std::vector<Route> routes;  // the most particular first
    std::vector<Entry> added;

    static Task<ServerReply> dispatch(std::shared_ptr<const State> self, ServerRequest request) {
        std::vector<std::string> parts;
        for (const auto part : split(request.path)) {
            auto decoded = percent_decode(part);
            if (!decoded) co_return problem(400, "Bad Request", "the path has a broken percent escape");
            parts.push_back(std::move(*decoded));
        }
        if (!percent_decode(request.query))
            co_return problem(400, "Bad Request", "the query has a broken percent escape");
        std::string allowed;
        for (const auto& route : self->routes) {
            auto parameters = match(route, parts);
            if (!parameters) continue;
            auto method = route.methods.find(request.method);
            if (method == route.methods.end() && request.method == "HEAD") method = route.methods.find("GET");
            if (method == route.methods.end()) {
                for (const auto& [name, unused] : route.methods)
                    allowed += (allowed.empty() ? "" : ", ") + name;
                continue;
            }
            request.parameters = std::move(*parameters);
            co_return co_await method->second(std::move(request));
        }
        if (allowed.empty()) co_return problem(404, "Not Found", "there is no such path");
        auto reply = problem(405, "Method Not Allowed", fmt::format("allowed here: {}", allowed));
        reply.headers.emplace_back("Allow", allowed);
        co_return reply;
    }
};

Router::Router() : state_(std::make_shared<State>()) {}

Router& Router::add(const std::string& method, const std::string& pattern, Handler handler) {
    auto segments = parse_pattern(pattern);
    auto& routes = state_->routes;
    auto at = std::ranges::find_if(routes, [&](const Route& r) { return same_shape(r, segments); });
    if (at == routes.end()) {
        const auto kinds_less = [](const Segment& a, const Segment& b) { return a.kind < b.kind; };
        at = std::ranges::find_if(routes, [&](const Route& r) {
            return std::ranges::lexicographical_compare(segments, r.segments, kinds_less);
        });
        at = routes.insert(at, Route{pattern, std::move(segments), {}});
    } else if (at->pattern != pattern) {
        throw std::logic_error(fmt::format("route {}: the same as {}", pattern, at->pattern));
    }
    if (!at->methods.emplace(method, std::move(handler)).second)
        throw std::logic_error(fmt::format("route {} {}: is taken", method, pattern));
    state_->added.push_back({method, pattern});
    return *this;
}

std::vector<Router::Entry> Router::routes() const { return state_->added; }

Handler Router::handler() const {
    return [state = state_](ServerRequest request) { return State::dispatch(state, std::move(request)); };
}

}  // namespace halcyon::net
