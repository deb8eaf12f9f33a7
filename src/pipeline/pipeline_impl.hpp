// The parts of a pipeline and how they are wired. For pipeline*.cpp only.
#pragma once

#include <fmt/format.h>

#include <utility>

#include "base/log.hpp"
#include "pipeline/history_monitor.hpp"
#include "pipeline/intake.hpp"
#include "pipeline/namespace_sweeper.hpp"
#include "pipeline/opener.hpp"
#include "pipeline/orders.hpp"
#include "pipeline/owed_reader.hpp"
#include "pipeline/pipeline.hpp"
#include "pipeline/route_keeper.hpp"
#include "pipeline/run_state.hpp"
#include "pipeline/scanner.hpp"
#include "pipeline/status_writeback.hpp"
#include "pipeline/tombstone_collector.hpp"

namespace halcyon::pipeline {

struct Pipeline::Impl {
    Impl(async::Executor executor, Ports p, PipelineOptions o)
        : ports(std::move(p)),
          options(std::move(o)),
          run(executor, ports, options),
          intake(run),
          history(run, intake),
          keeper(run),
          orders(run) {
        for (auto& [name, embedder] : ports.embedders)
            embed.emplace(name, std::make_unique<EmbedStage>(run.group, executor, *embedder, ports.clock,
                                                             ports.random, options, ports.vectors));
        for (auto& [name, stage] : embed) stage->times = &run.times;
        for (const auto& c : options.collections) {
            auto lane = std::make_unique<Lane>(run.group, executor, ports, options, c, *embed.at(c.embedder),
                                               run.committer, run.dead);
            lane->recent = &run.recent;
            lane->times = &run.times;
            lane->on_fatal = [this](const Error& e) { run.fail_with(e); };
            lane->on_scan_embedding = [this](std::size_t n) { run.scan_embeddings += n; };
            run.lanes.emplace(c.spec.name, std::move(lane));
        }
        for (const auto& r : options.routes) run.edges[r.from].push_back(run.lanes.at(r.to).get());
        for (auto& [name, lane] : run.lanes) {
            std::vector<render::RouteOptions> routes;
            for (const auto& r : options.routes)
                if (r.to == name) routes.push_back(r);
            openers.push_back(std::make_unique<Opener>(run, *lane, routes));
            owed.push_back(std::make_unique<OwedReader>(run, *lane));
            collectors.push_back(std::make_unique<TombstoneCollector>(run, *lane));
            sweepers.push_back(std::make_unique<NamespaceSweeper>(run, *lane, routes));
            for (const auto& r : routes) scanners.push_back(std::make_unique<Scanner>(run, *lane, r.from));
        }
        if (ports.status_writer) writeback = std::make_unique<StatusWriteback>(run, *ports.status_writer);
        wire();
    }

    void wire() {
        std::size_t at = 0;
        for (auto& [name, lane] : run.lanes) {
            auto* opener = openers[at++].get();
            auto* l = lane.get();
            lane->replaying = [this] { return run.replaying; };
            lane->scans_held = [this, l] { return embeddings_held(*l); };
            lane->on_missing = [opener] { opener->reopen(); };
            if (writeback)
                lane->on_status = [this, l](const DocumentKey& key, StatusBook::News news) {
                    writeback->note(key, l->name(), news);
                };
            opener->on_open = [this] { run.changed.notify(); };
            opener->on_rebuild = [this, l] {
                for (auto& s : scanners)
                    if (&s->lane() == l) s->restart();
                orders.overtake(nullptr, l);
                orders.rebuilt(l->name());
            };
        }
        for (auto& [name, stage] : embed)
            stage->on_change = [this] {
                for (auto& [n, lane] : run.lanes) lane->wake();
            };
        intake.on_rescan = [this](std::optional<Namespace> ns) {
            for (auto& s : scanners)
                if (!ns || s->ns() == *ns) s->restart();
            orders.overtake(ns ? &*ns : nullptr, nullptr);
        };
        intake.on_history_lost = [this] {
            for (auto& s : scanners) s->halt();
            orders.overtake(nullptr, nullptr);
            rebuild_distrusted();
        };
        intake.on_namespace_gone = [this](const NamespaceTombstone& t) {
            rebuild_distrusted();
            sweep(t);
        };
        for (std::size_t n = 0; auto& [name, lane] : run.lanes) {
            auto& collector = *collectors[n++];
            collector.settled = [this] { return intake.settled(); };
            collector.scans_done = [this, l = lane.get()] { return scans_done(*l) && !orders.busy(*l); };
        }
        for (auto& s : sweepers) s->on_swept = [this](const NamespaceTombstone& t) { swept(t); };
        for (auto& s : scanners) {
            s->on_done = [this] { trust_again(); };
            orders.own.push_back(s.get());
        }
        orders.settled = [this] { return intake.settled(); };
        orders.rebuild = [this](const CollectionName& collection) {
            std::size_t place = 0;
            for (auto& [name, lane] : run.lanes) {
                if (name == collection) openers[place]->rebuild_receipts();
                ++place;
            }
        };
    }

    /// Scans have embedded as many texts as may go without being asked for.
    bool embeddings_held(const Lane& lane) {
        const auto bound = options.max_embeddings;
        if (bound == 0 || run.scan_embeddings < bound) return false;
        return !run.allowed(
            embeddings_guard(lane.name()),
            fmt::format("{} texts were embedded for scans, {} is the bound, and {} wants more",
                        run.scan_embeddings, bound, lane.name().value()));
    }

    bool scans_done(const Lane& lane) const {
        return std::all_of(scanners.begin(), scanners.end(),
                           [&](const auto& s) { return &s->lane() != &lane || s->done(); });
    }

    /// Somebody should look before the bound is reached.
    bool many_letters(std::uint64_t letters) const {
        return letters >= options.dead_letters - options.dead_letters / 5;
    }

    /// What was left over from before an unclean stop is done.
    void trust_again() {
        for (auto& [name, lane] : run.lanes) {
            if (!lane->distrust.any()) continue;
            if (!lane->may_owe()) lane->distrust.nothing_owed();
            if (scans_done(*lane) && !orders.left_over(name)) lane->distrust.scanned();
            if (!lane->distrust.any()) log::debug("run", "{}: receipts are believed again", name.value());
        }
    }
    /// After an unclean stop, as soon as it is known what is owed and scanned.
    Task<Result<>> distrust(Lane* lane, std::uint64_t owes, bool scanning);

    /// After an unclean stop something may have been written that has no receipt: by a scan, or by an event
    /// that is replayed without its document because that is gone. What finds documents by receipts would
    /// miss it.
    void rebuild_distrusted() {
        std::size_t at = 0;
        for (auto& [name, lane] : run.lanes) {
            if (lane->distrust.any() || run.replaying) openers[at]->rebuild_receipts();
            ++at;
        }
    }

    void sweep(const NamespaceTombstone& t) {
        unswept[t.ns] += sweepers.size();
        for (auto& s : sweepers) s->sweep(t);
    }
    void swept(NamespaceTombstone t) {
        if (--unswept[t.ns] > 0) return;
        t.swept = true;
        run.committer.entomb(std::move(t), {}, nullptr);
    }

    Task<> work() {
        auto ended = co_await run.committer.run();
        if (ended.has_error()) run.fail_with(ended.error());
    }
    Task<> read() {
        auto ended = co_await intake.read();
        if (ended.has_error()) run.fail_with(ended.error());
    }
    Task<> relieve();
    Task<> count_letters();
    Task<Result<>> start();
    Task<> drain();
    Task<> release_marks();
    bool idle() const;

    Ports ports;
    PipelineOptions options;
    RunState run;
    Intake intake;
    HistoryMonitor history;
    RouteKeeper keeper;
    Orders orders;
    std::unique_ptr<StatusWriteback> writeback;
    std::map<std::string, std::unique_ptr<EmbedStage>> embed;
    std::vector<std::unique_ptr<Opener>> openers;  // in the order of run.lanes
    std::vector<std::unique_ptr<OwedReader>> owed;
    std::vector<std::unique_ptr<TombstoneCollector>> collectors;
    std::vector<std::unique_ptr<NamespaceSweeper>> sweepers;
    std::vector<std::unique_ptr<Scanner>> scanners;
    std::map<Namespace, std::size_t> unswept;  // collections that a dead namespace was not swept from yet
    bool drained = false;
};

}  // namespace halcyon::pipeline
