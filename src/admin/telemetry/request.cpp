#include "admin/telemetry/request.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

namespace halcyon::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t deepest = 16;
constexpr std::size_t longest_id = 256;        // bytes as JSON
constexpr double slowest = 0.2, fastest = 10;  // Hz

Wrong wrong(std::string_view title, std::string_view detail, std::string_view field = {}) {
    return net::problem(400, title, detail, field);
}

std::optional<Wrong> read_topics(const json::object& o, Subscription& out) {
    const auto* topics = o.if_contains("topics");
    if (!topics || !topics->is_array())
        return wrong("wrong type", "topics must be a list of names of topics", "topics");
    for (const auto& t : topics->get_array()) {
        const auto name = t.is_string() ? std::string_view(t.get_string()) : std::string_view();
        const auto at = std::find(topic_names.begin(), topic_names.end(), name);
        if (at == topic_names.end())
            return wrong("no such topic",
                         fmt::format("{} is none of {}", json::serialize(t), fmt::join(topic_names, ", ")),
                         "topics");
        out.topics.at(static_cast<std::size_t>(at - topic_names.begin())) = true;
    }
    return std::nullopt;
}

std::optional<Wrong> read_rate(const json::object& o, Subscription& out) {
    const auto* hz = o.if_contains("hz");
    if (!hz) return std::nullopt;
    boost::system::error_code ec;
    const auto value = hz->is_number() ? hz->to_number<double>(ec) : 0;
    if (ec || !(value >= slowest && value <= fastest))
        return wrong("no such rate", fmt::format("hz must be a number from {} to {}", slowest, fastest),
                     "hz");
    out.period = std::chrono::milliseconds(std::lround(1000 / value));
    return std::nullopt;
}

/// An object that may be left out.
Read<json::object> part(const json::object& o, std::string_view name) {
    const auto* found = o.if_contains(name);
    if (!found || found->is_null()) return json::object();
    if (!found->is_object()) return wrong("wrong type", fmt::format("{} must be an object", name), name);
    return found->get_object();
}

std::optional<Wrong> read_events(const json::object& o, EventFilter& out) {
    auto read = part(o, "events");
    if (auto* bad = std::get_if<Wrong>(&read)) return std::move(*bad);
    const auto& filter = std::get<json::object>(read);
    if (auto bad = unknown_field(filter, {"collection", "namespace", "what"}, "events.")) return bad;
    for (auto [name, into] : {std::pair{"collection", &out.collection}, std::pair{"namespace", &out.ns}}) {
        auto text = text_of(filter, name, "events.");
        if (auto* bad = std::get_if<Wrong>(&text)) return std::move(*bad);
        *into = std::move(std::get<std::optional<std::string>>(text));
    }
    const auto* what = filter.if_contains("what");
    if (!what || what->is_null()) return std::nullopt;
    if (!what->is_array()) return wrong("wrong type", "events.what must be a list", "events.what");
    out.what.fill(false);
    for (const auto& w : what->get_array()) {
        const auto happened = w.is_string() ? parse_happened(w.get_string()) : std::nullopt;
        if (!happened)
            return wrong("no such event", fmt::format("{} is nothing that happens", json::serialize(w)),
                         "events.what");
        out.what.at(static_cast<std::size_t>(*happened)) = true;
    }
    return std::nullopt;
}

std::optional<Wrong> read_level(const json::object& o, log::Level& out) {
    auto read = part(o, "log");
    if (auto* bad = std::get_if<Wrong>(&read)) return std::move(*bad);
    const auto& filter = std::get<json::object>(read);
    if (auto bad = unknown_field(filter, {"level"}, "log.")) return bad;
    auto text = text_of(filter, "level", "log.");
    if (auto* bad = std::get_if<Wrong>(&text)) return std::move(*bad);
    const auto& name = std::get<std::optional<std::string>>(text);
    if (!name) return std::nullopt;
    const auto level = log::parse_level(*name);
    if (!level || *level == log::Level::off)
        return wrong("no such level", "one of trace, debug, info, warn, error", "log.level");
    out = *level;
    return std::nullopt;
}

ClientMessage read_subscription(const json::object& o) {
    Subscription out;
    if (auto bad = unknown_field(o, {"type", "topics", "hz", "events", "log"})) return std::move(*bad);
    if (auto bad = read_topics(o, out)) return std::move(*bad);
    if (auto bad = read_rate(o, out)) return std::move(*bad);
    if (auto bad = read_events(o, out.events)) return std::move(*bad);
    if (auto bad = read_level(o, out.level)) return std::move(*bad);
    return out;
}

ClientMessage read_ping(const json::object& o) {
    if (auto bad = unknown_field(o, {"type", "id"})) return std::move(*bad);
    const auto* id = o.if_contains("id");
    Ping ping{id ? json::serialize(*id) : std::string()};
    if (ping.id.size() > longest_id)
        return wrong("too long", fmt::format("id takes at most {} bytes", longest_id), "id");
    return ping;
}

}  // namespace

bool EventFilter::fits(const DocumentKey& key, const PastEvent& event) const {
    if (collection && (!event.collection || event.collection->value() != *collection)) return false;
    return !ns || key.ns.text() == *ns;
}

Subscription default_subscription() {
    Subscription out;
    for (const auto t : {Topic::pipeline, Topic::collections, Topic::jobs}) out.topics.at(index_of(t)) = true;
    return out;
}

ClientMessage read_client_message(std::string_view text) {
    boost::system::error_code ec;
    json::parse_options options;
    options.max_depth = deepest;
    const auto message = json::parse(json::string_view(text.data(), text.size()), ec, {}, options);
    if (ec) return wrong("the message is no JSON", ec.message());
    if (!message.is_object()) return wrong("the message is no JSON object", "send {\"type\": ...}");
    const auto& o = message.get_object();
    const auto* type = o.if_contains("type");
    if (type && *type == "subscribe") return read_subscription(o);
    if (type && *type == "ping") return read_ping(o);
    return wrong("no such message", "type is one of subscribe, ping", "type");
}

}  // namespace halcyon::admin
