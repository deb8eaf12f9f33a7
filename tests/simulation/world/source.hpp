// A deployment with a change history, as the model knows it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "async/waiter.hpp"
#include "base/random.hpp"
#include "core/document.hpp"
#include "core/event.hpp"

namespace halcyon::simulation {

/// How often things go wrong, each in [0, 1].
struct SourceFaults {
    double feed_breaks = 0;     // next() ends with an error
    double feed_repeats = 0;    // a reopened feed begins a few events earlier
    double reader_fails = 0;    // identify, split, scan, lookup
    double large = 0;           // an event is too large for the stream: its document must be read by key
    double foreign_tokens = 0;  // a token is not understood, as another version's
    double denied = 0;          // rights are gone: fatal
    Duration longest_delay = std::chrono::milliseconds(40);
};

class Source {
  public:
    Source(async::Executor executor, async::Clock& clock, Random& random)
        : clock_(clock), random_(random), grown_(executor) {}

    using Documents = std::map<DocId, Document>;
    const Documents& documents(const Namespace& ns) const;

    void put(const Namespace& ns, Document document);
    void remove(const Namespace& ns, const DocId& id);
    /// All changes share one cluster time, as a transaction's do.
    void transaction(const Namespace& ns, const std::vector<Document>& puts,
                     const std::vector<DocId>& removes);
    void drop(const Namespace& ns);
    void drop_database(const std::string& name);
    /// The documents appear under `to`, replacing what was there, without events of their own.
    void rename_over(const Namespace& from, const Namespace& to);
    /// The history up to now is gone.
    void lose_history();
    /// Another deployment stands behind the address: another history begins, its clock is behind by some
    /// seconds, and no cursor survives it.
    void new_deployment();
    /// Remembers the state for `restore`.
    void back_up();
    /// The deployment is what it was at the last `back_up`, if there was one: its newest history never
    /// happened.
    void restore();
    ClusterTime now() const { return past_.time; }
    std::uint64_t statuses = 0;  // that were written into documents
    /// Some events cannot be had at all, not even their keys, and never will.
    bool unsendable = false;
    /// Cursors of scans that are open, with the time of what they may still hand out.
    std::multimap<Namespace, ClusterTime> cursors;

    /// What a document was at `since` and after it, in order; an empty document is one that was not there.
    /// What was before another deployment or a restored backup is not told.
    std::vector<Document> states(const DocumentKey& key, ClusterTime since) const;

    struct Entry {
        std::uint64_t serial = 0;  // never used twice, also not after `restore`
        ClusterTime time;
        std::uint32_t operation = 0;
        enum class Kind { put, remove, drop, drop_database, rename_over } kind = Kind::put;
        DocumentKey key;
        Document inserted;  // as written
        bool insert = false;
        bool status = false;  // nothing but a status that was written back
        WallTime happened{};
        Version version() const { return {0, time, operation}; }
    };
    /// When this history began: another deployment's, or a restored backup's.
    Instant began() const { return began_; }
    /// Routed entries that the feed has told of, in order, with what it took for their place.
    std::deque<Entry> told;

    SourceFaults faults;
    bool cut = false;  // the incarnation is dead: nothing reaches it any more

  private:
    friend class SourceFeed;
    friend class SourceReader;
    friend class SourceStatusWriter;
    friend class SourceScan;
    struct Past {
        std::map<Namespace, Documents> documents;
        std::vector<Entry> history;
        std::size_t first = 0;     // what is before it is forgotten
        ClusterTime lost_until{};  // nothing earlier can be started at
        ClusterTime time{1'700'000'000, 1};
    };
    void tick();
    void record(Entry entry);
    void remember(const DocumentKey& key, const Document& document);
    void begin_another_history();
    /// Every call takes its time and may fail; a dead incarnation gets no answer but an error.
    Task<std::optional<Error>> visit();

    async::Clock& clock_;
    Random& random_;
    async::Event grown_;
    Past past_;
    std::optional<Past> backup_;
    std::map<DocumentKey, std::vector<std::pair<ClusterTime, Document>>> states_;
    std::uint64_t serial_ = 0;
    std::uint64_t histories_ = 0;
    Instant began_{};
    std::uint64_t behind_ = 0;  // seconds that the deployment's clock is behind
    std::string deployment_ = "rs0";
};

}  // namespace halcyon::simulation
