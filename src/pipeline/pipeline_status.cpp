#include "pipeline/pipeline_impl.hpp"

namespace halcyon::pipeline {
namespace {

HistoryStatus status_of(const HistoryLeft& h) {
    return {h.left(), h.left() ? std::string() : h.why(), h.low(), h.bound()};
}

}  // namespace

Overview Pipeline::overview() const {
    const auto& i = *impl_;
    Overview s;
    s.streaming = i.intake.streaming();
    s.trouble = i.intake.trouble();
    s.lag = i.intake.lag();
    s.history = status_of(i.history.state());
    if (i.writeback) s.status_writeback = i.writeback->figures();
    s.events = i.run.stream.events;
    s.heartbeats = i.run.stream.heartbeats;
    s.reopened = i.run.stream.reopened;
    s.rescans = i.run.stream.rescans;
    s.under_way = i.intake.under_way();
    s.commits = i.run.committer.commits();
    s.epoch = i.run.epoch;
    s.stopping = i.run.stopping;
    s.retries_enabled = i.run.options.retry.enabled;
    s.position_moved = i.intake.position_moved();
    if (const auto& failure = i.run.committer.failure()) s.failure = describe(*failure);
    s.in_sync = s.streaming && i.idle() && s.under_way == 0 && i.run.held.empty();
    if (i.ports.vectors) s.vector_cache = CachedVectors{.bytes = i.ports.vectors->bytes()};
    for (const auto& [name, stage] : i.embed) {
        s.embedded_texts += stage->texts();
        s.embedding_requests += stage->requests();
        if (!s.vector_cache) continue;
        s.vector_cache->hits += stage->hits();
        s.vector_cache->misses += stage->misses();
    }
    for (const auto& scanner : i.scanners) {
        const auto& p = scanner->progress();
        s.in_sync = s.in_sync && p.done;
        s.routes.push_back(
            {scanner->ns().text(), scanner->lane().name().value(), p.phase, p.scanned, p.estimate});
    }
    for (const auto& [name, lane] : i.run.lanes) {
        s.in_sync = s.in_sync && !lane->paused() && !lane->may_owe();
        s.collections.push_back({name.value(),
                                 lane->paused(),
                                 lane->paused_reason(),
                                 lane->in_flight(),
                                 lane->waiting(),
                                 lane->letters(),
                                 i.many_letters(lane->letters()),
                                 lane->stats(),
                                 lane->options().embedder,
                                 lane->halted(),
                                 lane->flow(),
                                 {}});
    }
    for (auto& c : s.collections)
        for (const auto& reader : i.owed)
            if (reader->collection().value() == c.name) c.retries = reader->last_cycle();
    for (const auto& c : i.keeper.changes()) s.changes.push_back(summary(c));
    for (const auto& [guard, question] : i.run.held) s.held.emplace_back(guard, question);
    s.times = i.run.times;
    return s;
}

}  // namespace halcyon::pipeline
