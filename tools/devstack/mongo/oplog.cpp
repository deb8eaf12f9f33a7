#include "devstack/mongo/oplog.hpp"

#include <algorithm>
#include <utility>

namespace halcyon::devstack::mongo {
namespace {

std::int64_t now_seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// A large entry is journalled before majority readers see it: 10 ms a MB, as on a small disk.
std::chrono::steady_clock::time_point visible_after(std::size_t bytes) {
    constexpr std::size_t large = 1024 * 1024;
    if (bytes < large) return {};
    return std::chrono::steady_clock::now() + std::chrono::microseconds(10000 * bytes / large);
}

}  // namespace

std::size_t Entry::bytes() const {
    return sizeof(Entry) + (key ? key->size() : 0) + (document ? document->size() : 0);
}

std::string Entry::to_bson() const {
    Builder out;
    out.timestamp("ts", time).add("t", std::int64_t{1}).add("h", std::int64_t{0}).add("v", std::int32_t{2});
    const auto kind = op == Op::insert                        ? "i"
                      : op == Op::update || op == Op::replace ? "u"
                      : op == Op::remove                      ? "d"
                      : op == Op::noop                        ? "n"
                                                              : "c";
    out.add("op", kind);
    const bool command = std::string_view(kind) == "c";
    out.add("ns", !ns ? std::string() : (command ? ns->db + ".$cmd" : ns->full()));
    if (ns && !ns->uuid.empty()) out.binary("ui", ns->uuid, 4);
    out.date("wall", static_cast<std::int64_t>(seconds_of(time)) * 1000);
    switch (op) {
        case Op::insert:
            out.add("o", View(*document));
            break;
        case Op::replace:
            out.add("o2", View(*key)).add("o", View(*document));
            break;
        case Op::update: {
            out.add("o2", View(*key)).begin_document("o").add("$v", std::int32_t{1});
            const View set = View(*document)["updatedFields"].as_document();
            if (!set.empty()) out.add("$set", set);
            const View removed = View(*document)["removedFields"].as_document();
            if (!removed.empty()) {
                out.begin_document("$unset");
                for (const Element& item : removed) out.add(item.value.as_string(), true);
                out.end();
            }
            out.end();
            break;
        }
        case Op::remove:
            out.add("o", View(*key));
            break;
        case Op::create:
            out.begin_document("o").add("create", ns->name).end();
            break;
        case Op::index:
            out.begin_document("o").add("createIndexes", ns->name).end();
            break;
        case Op::drop:
            out.begin_document("o").add("drop", ns->name).end();
            break;
        case Op::rename:
            out.begin_document("o").add("renameCollection", ns->full()).add("to", ns->db + "." + to).end();
            break;
        case Op::drop_database:
            out.begin_document("o").add("dropDatabase", std::int32_t{1}).end();
            break;
        case Op::noop:
            out.begin_document("o").add("msg", "periodic noop").end();
            break;
    }
    return out.finish();
}

Oplog::Oplog(std::size_t limit_bytes, std::function<void()> appended)
    : limit_(limit_bytes), appended_(std::move(appended)) {
    Entry first;
    append(std::move(first));
}

ClusterTime Oplog::tick() {
    const auto now = static_cast<ClusterTime>(now_seconds() + offset_seconds_) << 32 | 1;
    last_ = std::max(last_ + 1, now);
    return last_;
}

void Oplog::append(Entry entry) {
    if (entry.time == 0) entry.time = tick();
    entry.visible = visible_after(entry.bytes());
    const bool large = entry.visible != std::chrono::steady_clock::time_point{};
    if (large) {
        // One journal, in order: when the next large entry is at its turn, what was before it is done.
        for (auto it = entries_.rbegin();
             it != entries_.rend() && it->visible.time_since_epoch().count() != 0; ++it)
            it->visible = {};
    } else if (!entries_.empty()) {
        entry.visible = entries_.back().visible;
    }
    bytes_ += entry.bytes();
    entries_.push_back(std::move(entry));
    trim();
    if (appended_) appended_();
}

void Oplog::trim() {
    while (bytes_ > limit_ && entries_.size() > 1) {
        lost_until_ = entries_.front().time;
        bytes_ -= entries_.front().bytes();
        entries_.pop_front();
        ++base_;
    }
}

const Entry* Oplog::visible(std::uint64_t sequence) const {
    if (sequence < base_ || sequence >= end()) return nullptr;
    const Entry& entry = entries_[sequence - base_];
    const bool now = entry.visible == std::chrono::steady_clock::time_point{} ||
                     entry.visible <= std::chrono::steady_clock::now();
    return now ? &entry : nullptr;
}

std::optional<std::chrono::steady_clock::time_point> Oplog::visible_at(std::uint64_t sequence) const {
    if (sequence < base_ || sequence >= end()) return std::nullopt;
    return entries_[sequence - base_].visible;
}

std::uint64_t Oplog::lower_bound(ClusterTime time) const {
    const auto it = std::lower_bound(entries_.begin(), entries_.end(), time,
                                     [](const Entry& entry, ClusterTime t) { return entry.time < t; });
    return base_ + static_cast<std::uint64_t>(it - entries_.begin());
}

void Oplog::lose_history() {
    append(Entry{});
    const std::size_t limit = std::exchange(limit_, 0);
    trim();
    limit_ = limit;
}

void Oplog::restart(ClusterTime time) {
    base_ = end();
    entries_.clear();
    bytes_ = 0;
    lost_until_ = 0;
    last_ = time;
    offset_seconds_ = static_cast<std::int64_t>(seconds_of(time)) - now_seconds();
    append(Entry{});
}

}  // namespace halcyon::devstack::mongo
