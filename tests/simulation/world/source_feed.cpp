#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "simulation/world/source_ports.hpp"

namespace halcyon::simulation {
namespace {

std::string token_of(const Source::Entry& e) { return fmt::format("e{}", e.serial); }
bool names_event(const std::string& token) { return token.starts_with('e'); }

std::uint64_t serial_of(const std::string& token) {
    std::uint64_t serial = 0;
    std::from_chars(token.data() + 1, token.data() + token.size(), serial);
    return serial;
}

}  // namespace

/// As a server does: an event's token is looked for in the history, any other is only a time.
Result<std::size_t> SourceFeed::place_of(const Position& from) const {
    const auto& [documents, history, first, lost_until, time] = source_.past_;
    const auto begin = history.begin() + static_cast<std::ptrdiff_t>(first);
    const auto lost = [] {
        return fail(Verdict::resync, Cause::history_lost, "simulated: the history is gone");
    };
    if (from.token.empty()) {
        if (from.time <= lost_until) return lost();
        return static_cast<std::size_t>(
            std::find_if(begin, history.end(), [&](const auto& e) { return e.time >= from.time; }) -
            history.begin());
    }
    if (source_.random_.unit() < source_.faults.foreign_tokens)
        return fail(Verdict::resync, Cause::invalid_position, "simulated: another version's token");
    if (!names_event(from.token)) {
        if (from.time < lost_until) return lost();
        return static_cast<std::size_t>(
            std::find_if(begin, history.end(), [&](const auto& e) { return e.time > from.time; }) -
            history.begin());
    }
    const auto serial = serial_of(from.token);
    const auto it = std::find_if(begin, history.end(), [&](const auto& e) { return e.serial == serial; });
    if (it != history.end()) return static_cast<std::size_t>(it - history.begin()) + 1;
    if (from.time <= lost_until) return lost();
    return fail(Verdict::resync, Cause::not_found, "simulated: the token's event is not in this history");
}

Task<Result<>> SourceFeed::open(Position from, Deadline) {
    if (auto e = co_await source_.visit()) co_return fail(*e);
    HALCYON_CO_TRY(const auto place, place_of(from));
    at_ = place;
    if (!from.token.empty() && source_.random_.unit() < source_.faults.feed_repeats)
        at_ = std::max(source_.past_.first, at_ - std::min<std::size_t>(at_, source_.random_.below(5)));
    history_ = source_.histories_;
    told_ = {};
    co_return success();
}

bool SourceFeed::routed(const Source::Entry& e) const {
    return std::any_of(routed_.begin(), routed_.end(), [&](const Namespace& ns) {
        return e.kind == Source::Entry::Kind::drop_database ? ns.database == e.key.ns.database
                                                            : ns == e.key.ns;
    });
}

bool SourceFeed::unsendable(const Source::Entry& e) const {
    return source_.unsendable && e.kind == Source::Entry::Kind::put && e.serial % 41 == 7;
}

FeedItem SourceFeed::item(const Source::Entry& e) const {
    using Kind = Source::Entry::Kind;
    FeedItem item;
    item.position = {token_of(e), e.time, true, false};
    switch (e.kind) {
        case Kind::put: {
            ChangeEvent event{e.key, ChangeEvent::Kind::upsert, e.inserted, e.version(), e.happened, false};
            if (source_.random_.unit() < source_.faults.large) {
                event.document = {};
                event.needs_read = true;
            } else if (!e.insert) {
                // An insert carries its document; an update is looked up now, maybe newer, maybe gone.
                const auto& now = source_.documents(e.key.ns);
                const auto it = now.find(e.key.id);
                event.document = it == now.end() ? Document{} : it->second;
                if (it == now.end()) event.kind = ChangeEvent::Kind::remove;
            }
            item.what = std::move(event);
            break;
        }
        case Kind::remove:
            item.what = ChangeEvent{e.key, ChangeEvent::Kind::remove, {}, e.version(), e.happened, false};
            break;
        case Kind::drop:
            item.what = NamespaceGone{e.key.ns, e.version(), false, "drop"};
            break;
        case Kind::drop_database:
            item.what = NamespaceGone{e.key.ns, e.version(), false, "dropDatabase"};
            break;
        case Kind::rename_over:
            item.what = NamespaceGone{e.key.ns, e.version(), true, "rename"};
            break;
    }
    return item;
}

Task<Result<std::vector<FeedItem>>> SourceFeed::next(std::size_t most) {
    for (;;) {
        co_await source_.clock_.sleep(Duration(source_.random_.below(5'000'000)));
        if (source_.cut || history_ != source_.histories_ ||
            source_.random_.unit() < source_.faults.feed_breaks)
            co_return fail(Verdict::retry, Cause::unavailable, "simulated: the stream broke");
        const auto& history = source_.past_.history;
        if (at_ < source_.past_.first)
            co_return fail(Verdict::resync, Cause::history_lost, "simulated: the cursor's position is gone");
        std::vector<FeedItem> items;
        const auto few = 1 + source_.random_.below(most);
        while (items.size() < few && at_ < history.size()) {
            const auto& entry = history[at_];
            if (routed(entry) && !entry.status && unsendable(entry)) {
                if (!items.empty()) break;
                co_return fail(Verdict::reject, Cause::too_large, "simulated: an event that cannot be had");
            }
            ++at_;
            if (!routed(entry) || entry.status) continue;
            source_.told.push_back(entry);
            items.push_back(item(entry));
        }
        if (items.empty() && source_.now() > told_) {
            told_ = source_.now();
            items.push_back({Heartbeat{}, {"h", told_, false, false}, {}});
        }
        if (!items.empty()) co_return items;
        co_await source_.grown_.wait();
    }
}

}  // namespace halcyon::simulation
