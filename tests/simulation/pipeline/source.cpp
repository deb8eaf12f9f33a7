#include "simulation/pipeline/source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace halcyon::simulation {
namespace {

Position position(std::size_t index, ClusterTime time, bool event) {
    return {fmt::format("{}:{}", event ? 'e' : 'h', index), time, event, false};
}

std::size_t index_of(const std::string& token) {
    std::size_t index = 0;
    std::from_chars(token.data() + 2, token.data() + token.size(), index);
    return index;
}

}  // namespace

const Source::Documents& Source::documents(const Namespace& ns) const {
    static const Documents none;
    const auto it = documents_.find(ns);
    return it == documents_.end() ? none : it->second;
}

void Source::tick() {
    const auto seconds = static_cast<std::uint32_t>(clock_.wall().ms / 1000);
    if (seconds > time_.seconds)
        time_ = {seconds, 1};
    else
        ++time_.increment;
}

void Source::new_deployment() {
    deployment_ += "'";
    history_.emplace_back();
    first_ = history_.size();
    lost_until_ = time_;
    tick();
}

/// The newest time stays: a deployment's operation time is always in its history.
void Source::lose_history() {
    first_ = history_.size();
    while (first_ > 0 && history_[first_ - 1].time == time_) --first_;
    if (first_ > 0) lost_until_ = std::max(lost_until_, history_[first_ - 1].time);
}

void Source::put(const Namespace& ns, Document document) { transaction(ns, {std::move(document)}, {}); }
void Source::remove(const Namespace& ns, const DocId& id) { transaction(ns, {}, {id}); }

void Source::transaction(const Namespace& ns, const std::vector<Document>& puts,
                         const std::vector<DocId>& removes) {
    tick();
    std::uint32_t operation = 0;
    for (const auto& d : puts) {
        auto id = DocId::of(d.bson()).value();
        const bool insert = documents_[ns].insert_or_assign(id, d).second;
        history_.push_back(
            {time_, operation++, Entry::Kind::put, {ns, std::move(id)}, d, insert, clock_.wall()});
    }
    for (const auto& id : removes)
        if (documents_[ns].erase(id) > 0)
            history_.push_back({time_, operation++, Entry::Kind::remove, {ns, id}, {}, false, clock_.wall()});
    grown_.notify();
}

void Source::drop(const Namespace& ns) {
    if (documents_.erase(ns) == 0) return;
    tick();
    history_.push_back({time_, 0, Entry::Kind::drop, {ns, {}}, {}, false, clock_.wall()});
    grown_.notify();
}

void Source::rename_over(const Namespace& from, const Namespace& to) {
    tick();
    documents_[to] = std::move(documents_[from]);
    documents_.erase(from);
    history_.push_back({time_, 0, Entry::Kind::rename_over, {to, {}}, {}, false, clock_.wall()});
    grown_.notify();
}

/// Every call takes its time and may fail; a dead incarnation gets no answer but an error.
Task<std::optional<Error>> Source::visit() {
    co_await clock_.sleep(
        Duration(random_.below(static_cast<std::uint64_t>(faults.longest_delay.count()) + 1)));
    if (cut || random_.unit() < faults.reader_fails)
        co_return Error{Verdict::retry, Cause::unavailable, "simulated", {}};
    co_return std::nullopt;
}

Task<Result<>> SourceFeed::open(Position from, Deadline) {
    if (auto e = co_await source_.visit()) co_return fail(*e);
    if (!from.token.empty()) {
        const auto index = index_of(from.token);
        if (index < source_.first_ || index > source_.history_.size())
            co_return fail(Verdict::resync, Cause::history_lost, "simulated: the history is gone");
        at_ = index + (from.of_event ? 1 : 0);
        if (source_.random_.unit() < source_.faults.feed_repeats)
            at_ = std::max(source_.first_, at_ - std::min<std::size_t>(at_, source_.random_.below(5)));
    } else {
        if (from.time <= source_.lost_until_)
            co_return fail(Verdict::resync, Cause::history_lost, "simulated: the history is gone");
        at_ = source_.first_;
        while (at_ < source_.history_.size() && source_.history_[at_].time < from.time) ++at_;
    }
    told_ = {};
    co_return success();
}

std::optional<FeedItem> SourceFeed::item(std::size_t index) const {
    const auto& e = source_.history_[index];
    FeedItem item;
    item.position = position(index, e.time, true);
    const Version version{0, e.time, e.operation};
    if (std::find(routed_.begin(), routed_.end(), e.key.ns) == routed_.end()) return std::nullopt;
    switch (e.kind) {
        case Source::Entry::Kind::put: {
            // An insert carries its document; an update is looked up now, maybe newer, maybe gone.
            auto document = e.inserted;
            if (!e.insert) {
                const auto& now = source_.documents(e.key.ns);
                const auto it = now.find(e.key.id);
                document = it == now.end() ? Document{} : it->second;
            }
            item.what = ChangeEvent{
                e.key,      document.empty() ? ChangeEvent::Kind::remove : ChangeEvent::Kind::upsert,
                document,   version,
                e.happened, false};
            return item;
        }
        case Source::Entry::Kind::remove:
            item.what = ChangeEvent{e.key, ChangeEvent::Kind::remove, {}, version, e.happened, false};
            return item;
        case Source::Entry::Kind::drop:
            item.what = NamespaceGone{e.key.ns, version, false, "drop"};
            return item;
        case Source::Entry::Kind::rename_over:
            item.what = NamespaceGone{e.key.ns, version, true, "rename"};
            return item;
    }
    return std::nullopt;
}

Task<Result<std::vector<FeedItem>>> SourceFeed::next(std::size_t most) {
    for (;;) {
        co_await source_.clock_.sleep(Duration(source_.random_.below(5'000'000)));
        if (source_.cut || source_.random_.unit() < source_.faults.feed_breaks)
            co_return fail(Verdict::retry, Cause::unavailable, "simulated: the stream broke");
        if (at_ < source_.first_)
            co_return fail(Verdict::resync, Cause::history_lost, "simulated: the cursor's position is gone");
        std::vector<FeedItem> items;
        const auto few = 1 + source_.random_.below(most);
        while (items.size() < few && at_ < source_.history_.size())
            if (auto i = item(at_++)) items.push_back(std::move(*i));
        if (items.empty() && source_.now() > told_) {
            told_ = source_.now();
            items.push_back({Heartbeat{}, position(at_, told_, false), {}});
        }
        if (!items.empty()) co_return items;
        co_await source_.grown_.wait();
    }
}

Task<> SourceFeed::close() { co_return; }

Task<Result<SourceIdentity>> SourceReader::identify(std::vector<Namespace>, Deadline) {
    if (auto e = co_await source_.visit()) co_return fail(*e);
    co_return SourceIdentity{source_.deployment_, source_.time_, {}};
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
          next_(range_.min) {}
    ClusterTime at() const override { return at_; }
    Task<Result<std::vector<ScannedDocument>>> next(std::size_t most) override {
        if (auto e = co_await source_.visit()) co_return fail(*e);
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
    bool passed_ = false;
};

Task<Result<std::unique_ptr<Scan>>> SourceReader::scan(Namespace ns, IdRange range, ClusterTime, Deadline) {
    auto scan = std::make_unique<SourceScan>(source_, std::move(ns), std::move(range));
    if (auto e = co_await source_.visit()) co_return fail(*e);
    co_return std::move(scan);
}

Task<Result<LookupResult>> SourceReader::lookup(Namespace ns, std::vector<DocId> ids, ClusterTime, Deadline) {
    LookupResult result{source_.now(), {}};
    if (auto e = co_await source_.visit()) co_return fail(*e);
    const auto& all = source_.documents(ns);
    for (const auto& id : ids) {
        const auto it = all.find(id);
        result.documents.push_back(it == all.end() ? std::nullopt : std::optional(it->second));
    }
    co_return result;
}

Task<Result<std::optional<std::chrono::seconds>>> SourceReader::history_window(Deadline) {
    co_return std::optional<std::chrono::seconds>();
}

}  // namespace halcyon::simulation
