// A deployment with a change history, as the model knows it, and its two ports with faults.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/waiter.hpp"
#include "base/random.hpp"
#include "core/ports/change_feed.hpp"
#include "core/ports/document_reader.hpp"

namespace halcyon::simulation {

/// How often things go wrong, each in [0, 1].
struct SourceFaults {
    double feed_breaks = 0;   // next() ends with an error
    double feed_repeats = 0;  // a reopened feed begins a few events earlier
    double reader_fails = 0;  // identify, split, scan, lookup
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
    /// Both changes share one cluster time, as a transaction's do.
    void transaction(const Namespace& ns, const std::vector<Document>& puts,
                     const std::vector<DocId>& removes);
    void drop(const Namespace& ns);
    /// The documents appear under `to`, replacing what was there, without events of their own.
    void rename_over(const Namespace& from, const Namespace& to);
    /// The history up to now is gone.
    void lose_history();
    /// Another deployment stands behind the address: another history begins, and no cursor survives it.
    void new_deployment();
    ClusterTime now() const { return time_; }

    SourceFaults faults;
    bool cut = false;  // the incarnation is dead: nothing reaches it any more

    struct Entry {
        ClusterTime time;
        std::uint32_t operation = 0;
        enum class Kind { put, remove, drop, rename_over } kind = Kind::put;
        DocumentKey key;
        Document inserted;  // as written
        bool insert = false;
        WallTime happened{};
    };

  private:
    friend class SourceFeed;
    friend class SourceReader;
    friend class SourceScan;
    void tick();
    Task<std::optional<Error>> visit();

    async::Clock& clock_;
    Random& random_;
    async::Event grown_;
    std::map<Namespace, Documents> documents_;
    std::vector<Entry> history_;
    std::size_t first_ = 0;     // what is before it is forgotten
    ClusterTime lost_until_{};  // nothing earlier can be started at
    ClusterTime time_{1'700'000'000, 1};
    std::string deployment_ = "rs0";
};

class SourceFeed final : public ChangeFeed {
  public:
    SourceFeed(Source& source, std::vector<Namespace> routed) : source_(source), routed_(std::move(routed)) {}
    Task<Result<>> open(Position from, Deadline deadline) override;
    Task<Result<std::vector<FeedItem>>> next(std::size_t most) override;
    Task<> close() override;

  private:
    std::optional<FeedItem> item(std::size_t index) const;
    Source& source_;
    std::vector<Namespace> routed_;
    std::size_t at_ = 0;
    ClusterTime told_{};
};

class SourceReader final : public DocumentReader {
  public:
    explicit SourceReader(Source& source) : source_(source) {}
    Task<Result<SourceIdentity>> identify(std::vector<Namespace> namespaces, Deadline deadline) override;
    Task<Result<std::uint64_t>> estimate(Namespace ns, Deadline deadline) override;
    Task<Result<std::vector<IdRange>>> split(Namespace ns, unsigned parts, Deadline deadline) override;
    Task<Result<std::unique_ptr<Scan>>> scan(Namespace ns, IdRange range, ClusterTime not_before,
                                             Deadline deadline) override;
    Task<Result<LookupResult>> lookup(Namespace ns, std::vector<DocId> ids, ClusterTime not_before,
                                      Deadline deadline) override;
    Task<Result<std::optional<std::chrono::seconds>>> history_window(Deadline deadline) override;

  private:
    Source& source_;
};

}  // namespace halcyon::simulation
