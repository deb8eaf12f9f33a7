// The two ports through which a program sees the source.
#pragma once

#include <memory>
#include <vector>

#include "core/ports/change_feed.hpp"
#include "core/ports/document_reader.hpp"
#include "core/ports/status_writer.hpp"
#include "simulation/world/source.hpp"

namespace halcyon::simulation {

class SourceFeed final : public ChangeFeed {
  public:
    SourceFeed(Source& source, std::vector<Namespace> routed) : source_(source), routed_(std::move(routed)) {}
    Task<Result<>> open(Position from, Deadline deadline) override;
    Task<Result<std::vector<FeedItem>>> next(std::size_t most) override;
    Task<> close() override { co_return; }

  private:
    Result<std::size_t> place_of(const Position& from) const;
    bool routed(const Source::Entry& entry) const;
    bool unsendable(const Source::Entry& entry) const;
    FeedItem item(const Source::Entry& entry) const;

    Source& source_;
    std::vector<Namespace> routed_;
    std::size_t at_ = 0;
    std::uint64_t history_ = 0;  // another one has begun since: the cursor is gone
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
    Task<Result<History>> history(Deadline deadline) override;

  private:
    Source& source_;
};

/// Statuses become changes of their documents, as they do on a server; each is another one than before.
class SourceStatusWriter final : public StatusWriter {
  public:
    explicit SourceStatusWriter(Source& source) : source_(source) {}
    std::string place() const override { return "syncMetadata"; }
    Task<Result<Written>> write(std::vector<StatusRow> rows, Deadline deadline) override;

  private:
    Source& source_;
};

}  // namespace halcyon::simulation
