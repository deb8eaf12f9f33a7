#include "pipeline/explain.hpp"

#include <algorithm>
#include <utility>

#include "render/filter.hpp"

namespace halcyon::pipeline {
namespace {

constexpr milliseconds longest_question{8000};  // people wait for the answer

Deadline soon(const RunState& run) {
    return Deadline::in(run.ports.clock, std::min(run.options.read_timeout, longest_question));
}

/// What the route makes of the document.
void judge(const Document& document, const render::Route* route, CollectionFacts& c) {
    // The filter is known before the collection is open.
    if (const auto filter = render::Filter::compile(c.filter); filter.has_value())
        if (const auto passes = filter.value().matches(document.bson()); passes.has_value())
            c.passes = passes.value();
    if (!route) return;
    auto wanted = route->want(document);
    if (wanted.has_error()) {
        c.unfit = wanted.error();
        return;
    }
    if (wanted.value().wanted)
        c.chunks = static_cast<std::uint32_t>(route->chunks(wanted.value().text).size());
    c.should = std::move(wanted.value());
}

/// What is under way, before and after the others were asked.
void look_at(const Lane& lane, const DocumentKey& key, CollectionFacts& c) {
    c.in_flight = c.in_flight || lane.in_flight(key);
    c.in_doubt = lane.in_doubt(key);
    c.paused = lane.paused();
    c.pause = lane.paused_reason();
}

std::vector<CollectionFacts> collections_of(const RunState& run, const DocumentKey& key) {
    std::vector<CollectionFacts> out;
    const auto edge = run.edges.find(key.ns);
    if (edge == run.edges.end()) return out;
    for (const auto* lane : edge->second) {
        CollectionFacts c{.collection = lane->name(), .phase = {}, .filter = {}, .pause = {}};
        for (const auto& r : run.options.routes)
            if (r.from == key.ns && r.to == lane->name()) c.filter = r.filter;
        look_at(*lane, key, c);
        out.push_back(std::move(c));
    }
    return out;
}

}  // namespace

Task<DocumentFacts> gather(RunState* run, DocumentKey key) {
    DocumentFacts facts{.key = std::move(key)};
    facts.asked = run->ports.clock.wall();
    facts.retries = run->options.retry.enabled;
    facts.attempts = run->options.retry.attempts;
    facts.doubt_window = run->options.doubt_window;
    for (const auto& [ns, lanes] : run->edges) facts.routed.push_back(ns.text());
    facts.collections = collections_of(*run, facts.key);
    if (facts.collections.empty()) co_return facts;
    auto found = co_await run->ports.reader.lookup(facts.key.ns, {facts.key.id}, {}, soon(*run));
    if (found.has_error()) {
        facts.unasked = found.error();
    } else {
        const auto& document = found.value().documents.front();
        facts.source = Story::Source{document.has_value(), document ? document->size() : 0, found.value().at};
        if (document)
            for (auto& c : facts.collections)
                judge(*document, run->lanes.at(c.collection)->route(facts.key.ns), c);
    }
    for (auto& c : facts.collections) {
        auto held = co_await run->ports.sink.lookup(c.collection, {facts.key}, soon(*run));
        if (held.has_error())
            c.unasked = held.error();
        else
            c.held = std::move(held.value().front());
        const ReceiptKey stored_as{c.collection, facts.key};
        if (auto stored = co_await run->ports.state.stored({stored_as}); stored.has_value())
            c.stored = std::move(stored.value().front());
        if (const auto* confirmed = run->committer.confirmed(stored_as)) c.stored.receipt = *confirmed;
        look_at(*run->lanes.at(c.collection), facts.key, c);
    }
    facts.events = run->recent.of(facts.key);
    co_return facts;
}

}  // namespace halcyon::pipeline
