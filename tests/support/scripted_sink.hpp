// Sink as plain maps, for tests: exact semantics, and failures on demand. Answers at once.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "core/ports/sink.hpp"
#include "core/ports/writer_marks.hpp"

namespace halcyon::test {

/// Thread rule: one thread.
class ScriptedSink final : public Sink, public WriterMarks {
  public:
    enum class Fate {
        unavailable,  // nothing takes effect: {retry, unavailable}
        lost_before,  // nothing takes effect, and the caller can't know: {retry, in_doubt}
        lost_after,   // everything takes effect, and the caller can't know: {retry, in_doubt}
    };
    struct Stored {
        std::string payload;
        std::string vector;
        Provenance provenance;
    };
    using Points = std::map<PointId, Stored>;

    explicit ScriptedSink(SourceName source = SourceName("mongodb")) : source_(std::move(source)) {}

    /// The next calls of `apply`, in order.
    void next(Fate fate) { fates_.push_back(fate); }
    /// A collection that somebody else made.
    void plain(const CollectionName& name, std::uint32_t dimension, Distance distance = Distance::cosine);
    void drop(const CollectionName& name) { collections_.erase(name); }
    /// REQUIRES: the collection exists (std::out_of_range).
    const Points& points(const CollectionName& name) const { return collections_.at(name).points; }

    Task<Result<CollectionState>> ensure(CollectionSpec spec, Deadline deadline) override;
    Task<std::vector<SinkOutcome>> apply(CollectionName collection, std::vector<SinkOperation> operations,
                                         Deadline deadline) override;
    Task<Result<std::vector<HeldDocument>>> lookup(CollectionName collection, std::vector<DocumentKey> keys,
                                                   Deadline deadline) override;
    Task<Result<ScrollPage>> scroll(CollectionName collection, std::optional<std::string> from,
                                    std::size_t limit, Deadline deadline) override;
    Task<Result<std::uint64_t>> count(CollectionName collection, Deadline deadline) override;
    std::size_t max_request_bytes() const override { return 8 * 1024 * 1024; }
    Task<Result<std::optional<WriterMark>>> read(CollectionName collection, Deadline deadline) override;
    Task<Result<>> write(CollectionName collection, WriterMark mark, Deadline deadline) override;

  private:
    struct Collection {
        std::uint32_t dimension = 0;
        Distance distance = Distance::cosine;
        std::string identity;
        std::string made_for;  // the logical name; empty: somebody else's
        std::uint32_t highest_epoch = 0;
        bool ensured = false;
        std::optional<WriterMark> mark;
        Points points;
    };
    static std::vector<SinkOutcome> carry_out(Collection& collection, std::vector<SinkOperation>& operations);
    Result<Collection*> find(const CollectionName& name);

    SourceName source_;
    std::map<CollectionName, Collection> collections_;
    std::deque<Fate> fates_;
    unsigned made_ = 0;
};

}  // namespace halcyon::test
