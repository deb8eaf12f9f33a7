#include <fmt/format.h>
#include <unistd.h>

#include <optional>

#include "app/commands.hpp"
#include "app/findings.hpp"
#include "app/plan.hpp"
#include "app/runtime.hpp"
#include "cli/table.hpp"
#include "mongo/change_feed.hpp"
#include "mongo/reader.hpp"
#include "pipeline/route_keeper.hpp"
#include "state/rocks_store.hpp"

namespace halcyon::app {
namespace {

constexpr auto patience = std::chrono::seconds(60);
constexpr auto show_every = std::chrono::milliseconds(200);
constexpr std::size_t batch = 512;
constexpr unsigned attempts = 5;

/// On standard error, where a person looks at it.
class Progress {
  public:
    explicit Progress(const async::Clock& clock) : clock_(clock), shown_(::isatty(STDERR_FILENO) == 1) {}
    ~Progress() { end(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void begin(std::string what, std::uint64_t estimate) {
        what_ = std::move(what), estimate_ = estimate, done_ = 0;
        began_ = clock_.now(), last_ = began_;
    }
    void add(std::uint64_t documents) {
        done_ += documents;
        const auto now = clock_.now();
        if (!shown_ || now - last_ < show_every) return;
        last_ = now;
        const auto seconds = std::chrono::duration<double>(now - began_).count();
        const auto rate = static_cast<double>(done_) / seconds;
        const auto left = estimate_ > done_ ? static_cast<double>(estimate_ - done_) / rate : 0;
        fmt::print(stderr, "\r\x1b[K{}: {} of about {} documents, {:.0f}/s, {} left", what_,
                   cli::grouped(done_), cli::grouped(std::max(estimate_, done_)), rate,
                   duration_text(static_cast<std::int64_t>(left * 1000)));
    }
    void end() {
        if (shown_) fmt::print(stderr, "\r\x1b[K");
    }

  private:
    const async::Clock& clock_;
    bool shown_;
    std::string what_;
    std::uint64_t estimate_ = 0, done_ = 0;
    Instant began_{}, last_{};
};

struct Planning {
    Runtime& rt;
    StateReader* state;  // null: nothing to compare with
    Progress progress;
    std::map<Namespace, std::vector<RouteTally>> tallies{};
    std::vector<pipeline::RouteChange> changes{};
    Deadline soon() const { return Deadline::in(rt.clock, patience); }
};

Task<Result<>> compile(Planning* p) {
    for (const auto& r : p->rt.settings.pipeline.routes)
        for (const auto& c : p->rt.settings.pipeline.collections) {
            if (c.spec.name != r.to) continue;
            auto* embedder = p->rt.embedders.at(c.embedder).get();
            HALCYON_CO_TRY(const auto dimension, co_await embedder->dimension(p->soon()));
            HALCYON_CO_TRY(auto route,
                           render::Route::compile(r, embedder->identity(), dimension, c.spec.distance));
            p->tallies[r.from].emplace_back(std::move(route), embedder->limits());
        }
    co_return success();
}

Task<Result<>> count_held(Planning* p, Namespace ns, RouteTally* tally) {
    std::optional<std::string> from;
    if (!p->state) co_return success();
    do {
        HALCYON_CO_TRY(auto page,
                       co_await p->state->scan_receipts(tally->route().options().to, ns, from, batch));
        for (const auto& [key, receipt] : page.rows)
            if (!receipt.deleted) tally->add_held();
        from = page.next;
    } while (from);
    co_return success();
}

Task<Result<>> compare(Planning* p, Namespace ns, const std::vector<ScannedDocument>* documents) {
    for (auto& tally : p->tallies.at(ns)) {
        std::vector<std::optional<Receipt>> held(documents->size());
        if (p->state) {
            std::vector<ReceiptKey> keys;
            for (const auto& d : *documents) keys.push_back({tally.route().options().to, {ns, d.id}});
            HALCYON_CO_TRY(held, co_await p->state->receipts(std::move(keys)));
        }
        for (std::size_t i = 0; i < documents->size(); ++i) tally.add((*documents)[i].document, held[i]);
    }
    p->progress.add(documents->size());
    co_return success();
}

/// One cursor from `last` on; `last` moves along.
Task<Result<>> scan_once(Planning* p, Namespace ns, DocId* last) {
    HALCYON_CO_TRY(auto scan, co_await p->rt.reader->scan(ns, {*last, {}}, {}, p->soon()));
    for (;;) {
        HALCYON_CO_TRY(auto documents, co_await scan->next(batch));
        if (documents.empty()) break;
        const auto next = documents.back().id;
        if (documents.front().id == *last) documents.erase(documents.begin());
        HALCYON_CO_TRY(co_await compare(p, ns, &documents));
        *last = next;
    }
    co_await scan->close();
    co_return success();
}

/// What the settings say otherwise, and of how many documents.
Task<Result<>> find_changes(Planning* p) {
    if (!p->state) co_return success();
    HALCYON_CO_TRY(const auto stored, co_await p->state->load());
    std::vector<std::pair<Namespace, CollectionName>> known;
    for (const auto& s : stored.snapshots) known.emplace_back(s.ns, s.collection);
    std::vector<render::Route> routes;
    for (const auto& [ns, tallies] : p->tallies)
        for (const auto& tally : tallies) routes.push_back(tally.route());
    p->changes = pipeline::route_changes(stored.notes, known, routes);
    co_return co_await pipeline::count_documents(p->state, &p->changes);
}

Task<Result<>> plan_all(Planning* p) {
    HALCYON_CO_TRY(co_await compile(p));
    HALCYON_CO_TRY(co_await find_changes(p));
    for (auto& [ns, tallies] : p->tallies) {
        HALCYON_CO_TRY(const auto estimate, co_await p->rt.reader->estimate(ns, p->soon()));
        p->progress.begin(ns.text(), estimate);
        for (auto& tally : tallies) {
            HALCYON_CO_TRY(co_await count_held(p, ns, &tally));
        }
        DocId last;
        for (unsigned attempt = 1;; ++attempt) {
            auto scanned = co_await scan_once(p, ns, &last);
            if (scanned.has_value()) break;
            if (scanned.error().verdict != Verdict::retry || attempt == attempts) co_return scanned;
        }
    }
    co_return success();
}

Task<> plan_into(Planning* p, Result<>* out) { *out = co_await plan_all(p); }

/// The state, if there is one that can be read.
std::unique_ptr<StateReader> state_of(Runtime& rt) {
    auto opened = state::open_read_only(rt.settings.state, rt.work_pool);
    if (opened.has_value()) return std::move(opened.value());
    if (opened.error().cause != Cause::not_found)
        fmt::print(stderr, "the state cannot be read: {}\n", describe(opened.error()));
    return nullptr;
}

}  // namespace

cli::Exit plan_command(mongo::Driver& driver, AppSettings settings, bool json) {
    Runtime rt(driver, std::move(settings));
    Result<> outcome = rt.connect();
    const auto state = outcome.has_value() ? state_of(rt) : nullptr;
    std::vector<RoutePlan> plans;
    std::vector<pipeline::RouteChange> changes;
    if (outcome.has_value()) {
        Planning planning{rt, state.get(), Progress(rt.clock)};
        rt.run(plan_into(&planning, &outcome));
        for (auto& [ns, tallies] : planning.tallies)
            for (auto& tally : tallies) plans.push_back(tally.finish());
        changes = std::move(planning.changes);
        add_cost(plans, &changes);
    }
    if (outcome.has_error()) {
        fmt::print(stderr, "{}\n", describe(outcome.error()));
        return is_away(outcome.error()) ? cli::Exit::unreachable : cli::Exit::failed;
    }
    const bool compared = state != nullptr;
    const auto notes = warnings(plans, rt.settings.pipeline, compared);
    fmt::print("{}",
               json ? plan_json(plans, changes, notes, compared) + "\n" : plan_text(plans, changes, notes));
    return cli::Exit::done;
}

}  // namespace halcyon::app
