// One collection's way from a document to a confirmed point (sections "Plan", "Write" and "Doubt" of
// docs/architecture.md).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "async/waiter.hpp"
#include "pipeline/committer.hpp"
#include "pipeline/decide/distrust.hpp"
#include "pipeline/decide/key_sequencer.hpp"
#include "pipeline/decide/planner.hpp"
#include "pipeline/decide/recent.hpp"
#include "pipeline/decide/service_proof.hpp"
#include "pipeline/decide/status_book.hpp"
#include "pipeline/embed_stage.hpp"
#include "pipeline/namespaces.hpp"
#include "pipeline/options.hpp"
#include "pipeline/ports.hpp"
#include "pipeline/stats.hpp"
#include "rules/breaker.hpp"

namespace halcyon::pipeline {

/// What Qdrant holds of a half-written document: no content to rely on, but chunks that may exist, and the
/// version that was being written.
Receipt wreckage(const HeldDocument& held);
bool half_written(const Receipt& held);
/// How it is stored. A half-written version was not settled, so it comes again, and the receipt must not
/// count as its settlement: it is one of just before.
Receipt remembered(Receipt held);

/// Sequences, plans, embeds and writes the documents of one collection. It pauses alone (law 8). Thread rule:
/// the loop.
class Lane {
  public:
    Lane(async::TaskGroup& group, async::Executor executor, const Ports& ports,
         const PipelineOptions& options, const CollectionOptions& collection, EmbedStage& embed,
         Committer& committer, const DeadNamespaces& dead);

    const CollectionName& name() const { return collection_.spec.name; }
    const CollectionOptions& options() const { return collection_; }

    void set_dimension(std::uint32_t dimension) { collection_.spec.dimension = dimension; }
    /// Takes the document on its way, or parks it behind the one of the same key.
    void admit(Work work);
    /// The routes into this collection are known and the collection is there: work may begin.
    void open(std::map<Namespace, render::Route> routes);
    /// The collection is not what it was: no work begins until `open`.
    void shut(std::string reason);
    bool is_open() const { return open_; }
    /// The same, said anew. REQUIRES: it is shut.
    void still_shut(std::string reason) { shut_reason_ = std::move(reason); }
    const render::Route* route(const Namespace& ns) const;

    /// Qdrant or the embedder is away, or the collection is not open.
    /// When the next probe is due it is not paused: something must be sent to find out.
    bool paused() const { return !may_work() || !breaker_.allows(ports_.clock.now()) || embed_.paused(); }
    /// Paused, or with nothing but a probe under way, which may take its whole time-out.
    bool stuck() const { return !may_work() || breaker_.open() || embed_.stuck(); }
    std::string paused_reason() const;
    /// An operator's pause: nothing more is planned or written until it is taken back.
    void halt(bool on);
    bool halted() const { return halted_; }
    bool may_work() const { return open_ && !halted_ && !full_; }
    /// What operators asked for last; it is stored before a pause is taken back.
    void wish_halt(bool on) { wants_halt_ = on; }
    bool wants_halt() const { return wants_halt_; }
    CollectionFlow flow() const;
    /// Makes what is not on the wire owed, and so frees its bytes and tickets (law 8): at most a thousand
    /// works at once, since the notes of one commit are in memory together. Returns whether more waits.
    bool owe_waiting();
    /// Gives up works of a scan that are counted in `result`, as if they had not been read: those that
    /// nothing was done for yet, and that nobody else's tickets stand on.
    void drop(const std::shared_ptr<JobResult>& result);
    /// Stream work that waits to be planned.
    std::size_t stream_backlog() const { return stream_.size(); }
    std::size_t waiting() const {
        return stream_.size() + background_.size() + queue_.size() + held_back_.size();
    }
    bool idle() const { return sequencer_.idle(); }
    std::size_t in_flight() const { return sequencer_.in_flight(); }
    bool in_flight(const DocumentKey& key) const { return sequencer_.in_flight(key); }
    bool in_flight_before(const Namespace& ns, const Version& version) const {
        return sequencer_.in_flight_before(ns, version);
    }
    /// There may be owed notes of this collection.
    bool may_owe() const { return may_owe_; }
    /// A note of it is stored already, or is in the batch that is being gathered.
    void expect_owed() {
        may_owe_ = true;
        ++owed_mark_;
    }
    std::uint64_t owed_mark() const { return owed_mark_; }
    /// No note was stored after everything up to `mark` was committed: there are none, unless one came since.
    void none_owed(std::uint64_t mark) { may_owe_ = may_owe_ && mark != owed_mark_; }
    /// After an unclean stop in the middle of a scan or with owed work: a write of theirs may have been
    /// confirmed without its receipt.
    Distrust distrust;

    /// Requests that are sent from now on have a mark that is not smaller.
    std::uint64_t wire_mark() const { return next_request_; }
    bool on_wire_before(std::uint64_t mark) const { return !on_wire_.empty() && *on_wire_.begin() < mark; }
    bool doubts(const Namespace& ns) const;
    bool doubts_any() const { return !doubtful_.empty(); }
    bool in_doubt(const DocumentKey& key) const { return doubtful_.contains(key); }
    /// A request is under way, or the fate of one is unknown.
    bool on_wire() const { return !on_wire_.empty() || !doubtful_.empty(); }

    const CollectionStats& stats() const { return stats_; }
    /// How many dead letters the collection has: as stored, and those on their way.
    void know_letters(std::uint64_t stored);
    std::uint64_t letters() const { return letters_; }
    /// Where it is told what happens to documents; nothing: nowhere.
    Recent* recent = nullptr;
    /// Where it is counted how long things take; nothing: nowhere.
    StageTimes* times = nullptr;
    /// A guard holds what scans would embed: asked before each of their documents.
    std::function<bool()> scans_held;
    /// What was under way before an unclean stop has not all come again.
    std::function<bool()> replaying;
    /// Called with the number of texts that a scan (or owed work, or a sweep) has embedded.
    std::function<void(std::size_t)> on_scan_embedding;
    /// Called when a document's status may be another one, before that is stored.
    std::function<void(const DocumentKey&, StatusBook::News)> on_status;
    /// Called when the collection turned out to be missing.
    std::function<void()> on_missing;
    /// Called with an Error when the state store cannot be read: nothing may go on.
    std::function<void(const Error&)> on_fatal;

    /// Until cancelled.
    Task<> plan_loop();
    Task<> write_loop();
    void wake();

  private:
    struct Planned;
    using PlannedPtr = std::shared_ptr<Planned>;
    using Batch = std::vector<PlannedPtr>;
    struct Doubt {
        Work work;
        std::uint32_t chunks = 0;  // that may exist
        bool owed = false;         // its note re-reads the document; only the key is still held
    };

    /// The stream's works go before all others.
    std::deque<Work>& queue_of(const Work& work) {
        return work.origin == Work::Origin::stream ? stream_ : background_;
    }
    bool something_to_plan() const;
    std::vector<Work> take_ready();
    void put_back(std::vector<Work> works);
    void distrusted(std::vector<Work>& works, const std::vector<std::optional<Receipt>>& held) const;
    void tell(const Work& work, Happened what) const;
    Task<bool> ask(std::vector<Work>& works, std::vector<std::optional<Receipt>>& held);
    void consider(Work work, std::optional<Receipt> held);
    void start(PlannedPtr planned);
    void begin_window(const PlannedPtr& planned);
    void embedded(const PlannedPtr& planned, std::size_t index, Result<EncodedVector> vector);
    void queue_write(PlannedPtr planned, bool front = false);
    bool write_one();
    bool may_go(const Batch& batch) const;
    bool start_test(Instant now);
    Task<> test(std::uint64_t request);
    void lives();
    void release_held_back();
    std::uint64_t new_request();
    Task<> write(Batch batch, std::uint64_t request);
    Batch still_alive(Batch batch);
    bool died(const PlannedPtr& planned);
    void leave_wreckage(Work& of, std::uint32_t chunks);
    void leave_wreckage(Planned& planned);
    void leave_doubt(Planned& planned);
    std::uint32_t maybe_held(const Planned& planned) const;
    void write_again(const PlannedPtr& planned);
    void plan_again(const PlannedPtr& planned);
    SinkOperation operation_of(const Planned& planned) const;
    void wrote(const PlannedPtr& planned);
    void doubt(const PlannedPtr& planned, const Error& error);
    void failed_write(const PlannedPtr& planned, const Error& error);
    Task<> read_back_later(DocumentKey key);
    void refused(Batch refused, std::size_t of, const Error& error);
    void away(const Error& error);

    /// The end of a work: its tickets and those that joined it settle; the parked one of its key comes next.
    void conclude(Work& work, std::optional<Receipt> receipt);
    void owe(Work& work, Duration delay);
    void owe_and_release(Work& work);
    void bury(Work& work, const Error& error, ErrorCode code);
    // These two settle the work and leave its key in flight.
    void failed_attempt(Work& work, const Error& error, ErrorCode code, Duration at_least = {});
    bool room_for_letter();
    void write_letter(Work& work, const Error& error, ErrorCode code);
    void note_failure(Work& work, const Error& error, ErrorCode code, Duration delay);
    static std::uint32_t attempts_of(const Work& work);
    void release(const DocumentKey& key);
    void dissolve(const PlannedPtr& planned);
    void arm(Instant due);
    Task<> alarm(Instant due);
    std::string reason_for_owing() const;
    void tell(const DocumentKey& key, StatusBook::News news) const {
        if (on_status) on_status(key, news);
    }

    async::TaskGroup& group_;
    const Ports& ports_;
    const PipelineOptions& options_;
    CollectionOptions collection_;
    EmbedStage& embed_;
    Committer& committer_;
    const DeadNamespaces& dead_;
    rules::Breaker breaker_;
    std::string breaker_reason_;
    std::string shut_reason_ = "the collection is being prepared";
    bool open_ = false;
    bool halted_ = false;
    bool full_ = false;  // a dead letter has no room
    bool wants_halt_ = false;
    bool may_owe_ = false;
    std::uint64_t owed_mark_ = 0;
    std::map<Namespace, render::Route> routes_;

    KeySequencer sequencer_;
    std::deque<Work> stream_;      // ready to be planned, before
    std::deque<Work> background_;  // scans, owed work, sweeps
    std::map<std::uint64_t, PlannedPtr> embedding_;
    std::deque<PlannedPtr> queue_;  // ready to be written
    std::deque<Batch> suspects_;    // sent as they are: parts of refused batches, and what may fail itself
    std::deque<PlannedPtr> held_back_;  // failed, and Qdrant has taken nothing since
    std::map<DocumentKey, Doubt> doubtful_;
    std::size_t planned_bytes_ = 0;
    std::size_t queued_points_ = 0;
    std::size_t queued_bytes_ = 0;
    std::uint64_t next_request_ = 0;
    std::set<std::uint64_t> on_wire_;  // requests whose answer is awaited
    std::uint64_t serial_ = 0;
    ServiceProof proof_;
    std::uint64_t letters_ = 0;
    std::optional<Instant> armed_;
    Instant not_before_{};
    async::Event plan_wake_;
    async::Event write_wake_;
    CollectionStats stats_;
};

}  // namespace halcyon::pipeline
