#include <boost/json.hpp>

#include "api/document_json.hpp"

namespace halcyon::api {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_text = 2000;

json::value time_of(ClusterTime t) {
    return t.empty() ? json::value(nullptr) : json::value(rfc3339({std::int64_t{t.seconds} * 1000}));
}

json::value error_of(const std::optional<Error>& e) {
    return e ? json::value(describe(*e)) : json::value(nullptr);
}

json::object source_json(const Story& d) {
    json::object out{
        {"found", nullptr}, {"bytes", nullptr}, {"as_of", nullptr}, {"error", error_of(d.unasked)}};
    if (!d.source) return out;
    out["found"] = d.source->exists;
    out["as_of"] = time_of(d.source->at);
    if (d.source->exists) out["bytes"] = d.source->bytes;
    return out;
}

json::value should_json(const CollectionStory& c) {
    if (!c.should) return nullptr;
    return json::object{{"chunks", c.should->chunks},
                        {"text_bytes", c.should->text.size()},
                        {"text", bounded(c.should->text, longest_text)},
                        {"text_digest", c.should->text_digest.hex()},
                        {"payload_digest", c.should->payload_digest.hex()}};
}

json::object held_json(const CollectionStory& c) {
    if (!c.held) return {{"error", error_of(c.unasked)}};
    json::object out{{"chunks", c.held->chunks.size()}};
    if (c.held->chunks.empty()) return out;
    const auto receipt = c.held->receipt();
    out["agree"] = receipt.has_value();
    if (!receipt) return out;
    out["text_digest"] = receipt->text.hex();
    out["payload_digest"] = receipt->payload.hex();
    out["version"] = receipt->version.text();
    out["as_of"] = time_of(receipt->version.time);
    out["written"] = rfc3339(receipt->at);
    return out;
}

json::object collection_json(const Story& d, const CollectionStory& c) {
    json::object out{{"collection", c.collection.value()},
                     {"state", c.state},
                     {"conclusion", c.conclusion},
                     {"paused", c.paused ? json::value(*c.paused) : json::value(nullptr)},
                     {"in_flight", c.in_flight},
                     {"in_doubt", c.in_doubt}};
    out["route"] = json::object{{"phase", c.phase},
                                {"filter", c.filter},
                                {"passes", c.passes ? json::value(*c.passes) : json::value(nullptr)}};
    out["unfit"] = error_of(c.unfit);
    out["should"] = should_json(c);
    out["stored"] = c.stored == Stored{} ? json::value(nullptr)
                                         : json::value(stored_json({c.collection, d.key}, c.stored));
    out["held"] = held_json(c);
    return out;
}

}  // namespace

std::string story_json(const Story& d) {
    json::object out{{"namespace", d.key.ns.text()},
                     {"id", d.key.id.json()},
                     {"asked", rfc3339(d.asked)},
                     {"known", d.known},
                     {"source", source_json(d)}};
    out["stream"] = json::object{{"open", d.streaming}, {"trouble", d.trouble}};
    out["conclusion"] = d.conclusion.empty() ? json::value(nullptr) : json::value(d.conclusion);
    json::array collections;
    for (const auto& c : d.collections) collections.push_back(collection_json(d, c));
    out["collections"] = std::move(collections);
    json::array events;
    for (const auto& e : d.events)
        events.push_back(json::object{
            {"at", rfc3339(e.at)},
            {"collection", e.collection ? json::value(e.collection->value()) : json::value(nullptr)},
            {"what", sentence(e.what)},
            {"version", e.version.text()}});
    out["events"] = std::move(events);
    return json::serialize(out);
}

}  // namespace halcyon::api
