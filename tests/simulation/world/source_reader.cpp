#include "simulation/world/source_ports.hpp"

namespace halcyon::simulation {
namespace {

/// A server waits for a time that it has not reached, until the deadline.
auto too_early() { return fail(Verdict::retry, Cause::timeout, "simulated: that time is not reached"); }

}  // namespace

Task<Result<SourceIdentity>> SourceReader::identify(std::vector<Namespace>, Deadline) {
    if (auto e = co_await source_.visit()) co_return fail(*e);
    co_return SourceIdentity{source_.deployment_, source_.now(), {}};
}

Task<Result<std::uint64_t>> SourceReader::estimate(Namespace ns, Deadline) {
    if (auto e = co_await source_.visit()) co_return fail(*e);
    co_return source_.documents(ns).size();
}

Task<Result<std::vector<IdRange>>> SourceReader::split(Namespace ns, unsigned parts, Deadline) {
    if (auto e = co_await source_.visit()) co_return fail(*e);
    std::vector<IdRange> ranges{{}};
    const auto& documents = source_.documents(ns);
    std::size_t i = 0;
    for (const auto& [id, d] : documents)
        if (++i % (documents.size() / parts + 1) == 0) {
            ranges.back().max = id;
            ranges.push_back({id, {}});
        }
    co_return ranges;
}

class SourceScan final : public Scan {
  public:
    SourceScan(Source& source, Namespace ns, IdRange range)
        : source_(source),
          ns_(std::move(ns)),
          range_(std::move(range)),
          at_(source.now()),
          next_(range_.min),
          history_(source.histories_),
          cursor_(source.cursors.emplace(ns_, at_)) {}
    ~SourceScan() override { source_.cursors.erase(cursor_); }
    SourceScan(const SourceScan&) = delete;
    SourceScan& operator=(const SourceScan&) = delete;
    ClusterTime at() const override { return at_; }
    Task<Result<std::vector<ScannedDocument>>> next(std::size_t most) override {
        if (auto e = co_await source_.visit()) co_return fail(*e);
        if (history_ != source_.histories_)
            co_return fail(Verdict::retry, Cause::unavailable, "simulated: the cursor is gone");
        std::vector<ScannedDocument> out;
        const auto few = 1 + source_.random_.below(most);
        const auto& all = source_.documents(ns_);
        auto it = all.lower_bound(next_);
        if (passed_ && it != all.end() && it->first == next_) ++it;
        for (; it != all.end() && out.size() < few && (range_.max.empty() || it->first < range_.max); ++it) {
            out.push_back({it->first, it->second, {}});
            next_ = it->first;
            passed_ = true;
        }
        co_return out;
    }
    Task<> close() override { co_return; }

  private:
    Source& source_;
    Namespace ns_;
    IdRange range_;
    ClusterTime at_;
    DocId next_;
    std::uint64_t history_;
    std::multimap<Namespace, ClusterTime>::iterator cursor_;
    bool passed_ = false;
};

Task<Result<std::unique_ptr<Scan>>> SourceReader::scan(Namespace ns, IdRange range, ClusterTime not_before,
                                                       Deadline) {
    auto scan = std::make_unique<SourceScan>(source_, std::move(ns), std::move(range));
    if (auto e = co_await source_.visit()) co_return fail(*e);
    if (not_before > source_.now()) co_return too_early();
    co_return std::move(scan);
}

Task<Result<LookupResult>> SourceReader::lookup(Namespace ns, std::vector<DocId> ids, ClusterTime not_before,
                                                Deadline) {
    LookupResult result{source_.now(), {}};
    if (auto e = co_await source_.visit()) co_return fail(*e);
    if (not_before > source_.now()) co_return too_early();
    const auto& all = source_.documents(ns);
    for (const auto& id : ids) {
        const auto it = all.find(id);
        result.documents.push_back(it == all.end() ? std::nullopt : std::optional(it->second));
    }
    co_return result;
}

Task<Result<History>> SourceReader::history(Deadline) {
    if (auto e = co_await source_.visit()) co_return fail(*e);
    co_return History{source_.past_.lost_until, source_.now(), 1};
}

}  // namespace halcyon::simulation
