// A Qdrant and an embedding service, as the model knows them, with faults.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "async/task_group.hpp"
#include "base/random.hpp"
#include "core/ports/embedder.hpp"
#include "core/ports/sink.hpp"
#include "core/ports/writer_marks.hpp"

namespace halcyon::simulation {

struct SinkFaults {
    double before = 0;  // nothing took effect, and the caller knows
    double after = 0;   // took effect, but the answer is lost
    double late = 0;    // the answer is lost, and the write takes effect some seconds later
    double lost = 0;    // the answer is lost, and nothing takes effect
    double busy = 0;    // 429
    double reads = 0;   // lookups, counts, scrolls, ensure
    Duration longest_delay = std::chrono::milliseconds(30);
    Duration latest = std::chrono::seconds(20);
};

/// Where points go. What breaks a law on its way here is noted in `violations` (law 2), or told to whoever
/// judges (`on_landed`).
class Target final : public Sink, public WriterMarks {
  public:
    struct Point {
        std::string vector;
        std::string payload;
        Provenance provenance;
        bool operator==(const Point& o) const { return vector == o.vector && payload == o.payload; }
    };
    struct Collection {
        std::string identity;
        std::optional<WriterMark> mark;
        std::optional<WriterMark> shown;  // what was last read of it
        std::map<PointId, Point> points;
        std::set<PointId> removed;  // by an operation, at any time
    };
    /// An operation took effect; `before` are the points that it removed or replaced, as they were.
    using OnLanded = std::function<void(const CollectionName&, const SinkOperation&,
                                        const std::map<PointId, Point>& before)>;

    Target(async::Executor executor, async::Clock& clock, Random& random)
        : clock_(clock), random_(random), late_(executor) {}

    Task<Result<CollectionState>> ensure(CollectionSpec spec, Deadline deadline) override;
    Task<std::vector<SinkOutcome>> apply(CollectionName collection, std::vector<SinkOperation> operations,
                                         Deadline deadline) override;
    Task<Result<std::vector<HeldDocument>>> lookup(CollectionName collection, std::vector<DocumentKey> keys,
                                                   Deadline deadline) override;
    Task<Result<ScrollPage>> scroll(CollectionName collection, std::optional<std::string> from,
                                    std::size_t limit, Deadline deadline) override;
    Task<Result<std::uint64_t>> count(CollectionName collection, Deadline deadline) override;
    std::size_t max_request_bytes() const override { return 32u << 20; }
    Task<Result<std::optional<WriterMark>>> read(CollectionName collection, Deadline deadline) override;
    Task<Result<>> write(CollectionName collection, WriterMark mark, Deadline deadline) override;

    /// The process that talked to us died: what is on its way lands now or never.
    void hang_up();
    Task<> join();

    /// Somebody deletes the collection.
    void erase(const CollectionName& name);
    /// A halcyon with another state writes into it for a moment, what it knows, and is gone.
    void intrude(const CollectionName& name);
    /// Somebody deletes it and makes an empty one of the same name.
    void replace(const CollectionName& name);

    OnLanded on_landed;
    SinkFaults faults;
    std::set<CollectionName> down;
    bool read_only = false;             // no write takes effect, and only its caller sees that
    std::set<CollectionName> tampered;  // was erased or replaced once
    std::set<CollectionName> silent;    // paused by an operator: nobody writes here
    bool cut = false;
    std::string poison = "poison";  // a payload with this text is refused
    std::string sick = "sick";      // a payload with this text makes it fail, and nothing else does in calm
    std::map<CollectionName, Collection> collections;
    std::vector<std::string> violations;
    std::uint64_t writes = 0;
    std::uint64_t asked = 0;  // documents that were looked up

  private:
    Task<std::optional<Error>> visit(const CollectionName& collection);
    Task<std::optional<Error>> on_the_wire(const CollectionName& collection,
                                           const std::vector<SinkOperation>& operations);
    Task<> land_later(CollectionName collection, SinkOperation operation, std::uint64_t connection);
    void land(const CollectionName& collection, const SinkOperation& operation);
    void enter(const CollectionName& collection, const std::vector<SinkOperation>& operations);
    void leave(const CollectionName& collection, const std::vector<SinkOperation>& operations);

    async::Clock& clock_;
    Random& random_;
    async::TaskGroup late_;
    std::uint64_t connection_ = 0;
    std::uint64_t made_ = 0;
    std::multiset<std::pair<CollectionName, PointId>> on_wire_;
};

struct EmbedFaults {
    double away = 0;
    double busy = 0;
    double short_reply = 0;  // too few vectors
    double wrong_size = 0;   // vectors of another size: refused by the adapter, fatal
    Duration longest_delay = std::chrono::milliseconds(50);
};

/// A vector of one number: a hash of the text, another one for each release.
class Model final : public Embedder {
  public:
    Model(async::Clock& clock, Random& random) : clock_(clock), random_(random) {}
    std::string identity() const override { return "model/" + std::to_string(release); }
    Task<Result<std::uint32_t>> dimension(Deadline) override;
    EmbedderLimits limits() const override { return {8, 4096, 4, 1 << 20}; }
    Task<Result<std::vector<EncodedVector>>> embed(std::vector<std::string> texts,
                                                   Deadline deadline) override;
    std::string vector_of(const std::string& text) const;

    EmbedFaults faults;
    unsigned release = 1;
    bool down = false;
    bool cut = false;
    std::string poison = "unspeakable";  // a text with this word is refused
    std::string sick = "sickening";      // a text with this word makes it fail
    std::uint64_t embedded = 0;

  private:
    async::Clock& clock_;
    Random& random_;
};

}  // namespace halcyon::simulation
