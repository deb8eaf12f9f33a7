#include "pipeline/decide/story.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace halcyon::pipeline {
namespace {

using Facts = CollectionFacts;

/// How what Qdrant holds stands to what it should.
enum class Match { same, payload, text, nothing, torn, unknown };

Match match(const Facts& c) {
    if (!c.held) return Match::unknown;
    if (c.held->chunks.empty()) return Match::nothing;
    const auto receipt = c.held->receipt();
    if (!receipt) return Match::torn;
    if (!c.should) return Match::unknown;
    if (receipt->text != c.should->text_digest) return Match::text;
    return receipt->payload == c.should->payload_digest ? Match::same : Match::payload;
}

std::string state_of(const Version& v) {
    if (v.time.empty()) return "an unknown time";
    return utc({std::int64_t{v.time.seconds} * 1000});
}

/// What a searcher finds now.
std::string holds(const Facts& c) {
    if (!c.held) {
        const auto why = c.unasked ? describe(*c.unasked) : std::string("the collection is not open");
        if (!c.stored.receipt || c.stored.receipt->deleted)
            return fmt::format("Qdrant cannot be asked ({}); as far as halcyon knows it holds nothing of it",
                               why);
        return fmt::format("Qdrant cannot be asked ({}); as far as halcyon knows it holds the state of {}",
                           why, state_of(c.stored.receipt->version));
    }
    if (c.held->chunks.empty()) return "Qdrant holds nothing of it";
    const auto receipt = c.held->receipt();
    if (!receipt)
        return fmt::format("Qdrant holds {} chunks that do not belong together", c.held->chunks.size());
    return fmt::format("Qdrant holds the state of {}", state_of(receipt->version));
}

std::string retry_command(const DocumentFacts& d) {
    const auto id = d.key.id.display();
    const bool plain = id.find_first_of(" \"'{}()$&;|<>*?`\\") == std::string::npos;
    return fmt::format("`halcyon retry {} {}`", d.key.ns.text(), plain ? id : "'" + d.key.id.json() + "'");
}

std::string error_of(ErrorCode code, const std::string& reason) {
    return code == ErrorCode::none ? reason : fmt::format("{}: {}", to_string(code), reason);
}

std::string when_next(const DocumentFacts& d, const Facts& c, WallTime next) {
    if (c.paused) return fmt::format("when the collection is not paused any more ({})", c.pause);
    return next > d.asked ? fmt::format("at {}", utc(next)) : std::string("now, with the next cycle");
}

Conclusion dead(const DocumentFacts& d, const Facts& c) {
    const auto& l = *c.stored.letter;
    return {
        "dead_letter",
        fmt::format("failed: given up after {} {}, the last at {}: {}. {}. Nothing happens by itself until "
                    "the document changes; when the cause is mended (docs/errors.md): {}",
                    l.attempts, l.attempts == 1 ? "attempt" : "attempts", utc(l.last),
                    error_of(l.code, l.reason), holds(c), retry_command(d))};
}

Conclusion failed(const DocumentFacts& d, const Facts& c) {
    const auto& o = *c.stored.owed;
    const auto next = d.retries ? fmt::format("It is tried again {}", when_next(d, c, o.next_attempt))
                                : fmt::format("Retries are turned off; {} tries it again", retry_command(d));
    return {"failed", fmt::format("failed: attempt {} of {} at {}: {}. {}. {}", o.attempts, d.attempts,
                                  utc(o.last_attempt), error_of(o.code, o.reason), holds(c), next)};
}

Conclusion owed(const DocumentFacts& d, const Facts& c) {
    const auto& o = *c.stored.owed;
    const auto status = c.stored.status().value_or(SyncStatus::pending);
    return {
        "waits",
        fmt::format("{}: it waits since {} ({}). {}. It is read from MongoDB again and written {}",
                    to_string(status), utc(o.since), o.reason, holds(c), when_next(d, c, o.next_attempt))};
}

/// Why nothing has been done about it yet, and what happens next.
std::string not_yet(const DocumentFacts& d, const Facts& c) {
    if (c.paused)
        return fmt::format("The collection is paused ({}): it goes on when that is mended", c.pause);
    if (!d.streaming)
        return fmt::format("The change stream is not open ({}): it goes on when it is",
                           d.trouble.empty() ? "it is being opened" : d.trouble);
    if (c.phase == "held") return "A guard holds the route: `halcyon apply` shows the question";
    if (c.phase != "done")
        return fmt::format("The route is {}, and comes to it by itself",
                           c.phase.empty() ? "waiting" : c.phase);
    return fmt::format(
        "A change on its way takes some milliseconds: ask again. If this stays, somebody else "
        "changed the points: {} mends it",
        retry_command(d));
}

Conclusion unwanted(const DocumentFacts& d, const Facts& c) {
    const bool exists = d.source->exists;
    const auto why = !exists             ? std::string("MongoDB does not hold it")
                     : c.passes == false ? fmt::format("the filter {} leaves it out", c.filter)
                                         : std::string("its text is empty: there is nothing to embed");
    const bool gone = c.held ? c.held->chunks.empty() : !c.stored.receipt || c.stored.receipt->deleted;
    if (!gone)
        return {"left_over", fmt::format("to be removed: {}, and {}. {}", why, holds(c), not_yet(d, c))};
    const auto rest = c.held ? std::string("nothing to do") : holds(c);
    if (!exists) return {"gone", fmt::format("gone: {}, and it is not in search: {}", why, rest)};
    return {"not_wanted", fmt::format("not in search because {}: {}", why, rest)};
}

/// The source's state is known, and the collection should hold it.
Conclusion wanted(const DocumentFacts& d, const Facts& c) {
    switch (match(c)) {
        case Match::same:
            return {"synced", "synced: nothing to do"};
        case Match::payload:
            return {"differs", fmt::format("stale: the payload is another one; the text is right. {}. {}",
                                           holds(c), not_yet(d, c))};
        case Match::text:
            return {"differs",
                    fmt::format("stale: the text is another one. {}. {}", holds(c), not_yet(d, c))};
        case Match::torn:
            return {"differs", fmt::format("stale: {}. {}", holds(c), not_yet(d, c))};
        case Match::nothing: {
            const bool lost = c.stored.receipt && !c.stored.receipt->deleted;
            return {"differs",
                    fmt::format("{}: Qdrant holds nothing of it{}. {}", lost ? "stale" : "pending",
                                lost ? fmt::format(", though {} chunks were confirmed at {}",
                                                   c.stored.receipt->chunks, utc(c.stored.receipt->at))
                                     : std::string(),
                                not_yet(d, c))};
        }
        case Match::unknown:
            break;
    }
    const auto& r = c.stored.receipt;
    const bool same =
        r && !r->deleted && r->text == c.should->text_digest && r->payload == c.should->payload_digest;
    if (same)
        return {"synced", fmt::format("synced, as far as is known: {}, which is the one of now", holds(c))};
    return {"differs",
            fmt::format("{}: {}. {}", r && !r->deleted ? "stale" : "pending", holds(c), not_yet(d, c))};
}

}  // namespace

std::string utc(WallTime t) {
    if (t.ms <= 0) return "an unknown time";
    auto text = rfc3339(t).substr(0, 19);
    std::replace(text.begin(), text.end(), 'T', ' ');
    return text + " UTC";
}

bool DocumentFacts::known() const {
    return (source && source->exists) || (unasked && !collections.empty()) ||
           std::any_of(collections.begin(), collections.end(), [](const auto& c) {
               return c.stored != Stored{} || (c.held && !c.held->chunks.empty()) || c.in_flight;
           });
}

Conclusion conclude(const DocumentFacts& d, const CollectionFacts& c) {
    if (c.in_doubt)
        return {
            "in_doubt",
            fmt::format("in doubt: a write was sent and nobody knows whether it took effect. {}. It is asked "
                        "again within {} s, and goes on from what is found",
                        holds(c), std::chrono::duration_cast<std::chrono::seconds>(d.doubt_window).count())};
    if (c.in_flight) {
        const auto before =
            c.stored.owed && c.stored.owed->attempts > 0
                ? fmt::format(" (attempt {}; the last error was {})", c.stored.owed->attempts + 1,
                              error_of(c.stored.owed->code, c.stored.owed->reason))
                : std::string();
        return {"on_its_way",
                c.paused ? fmt::format("on its way{}: it waits, since the collection is paused ({}). {}",
                                       before, c.pause, holds(c))
                         : fmt::format("on its way{}: it is planned, embedded or written now. {}", before,
                                       holds(c))};
    }
    if (c.stored.letter) return dead(d, c);
    if (c.stored.owed) return c.stored.owed->attempts > 0 ? failed(d, c) : owed(d, c);
    if (!d.source)
        return {"unknown",
                fmt::format("unknown: MongoDB cannot be asked ({}). {}",
                            d.unasked ? describe(*d.unasked) : std::string("no answer"), holds(c))};
    if (!d.source->exists || c.passes == false) return unwanted(d, c);
    if (c.unfit)
        return {"unfit",
                fmt::format("not in search because it cannot be rendered: {}. {}. Change the document or "
                            "the route; {}",
                            c.unfit->context, holds(c), not_yet(d, c))};
    if (!c.should)
        return {
            "waits",
            fmt::format("pending: the collection is not open yet ({}); it goes on by itself when it is. {}",
                        c.pause, holds(c))};
    return c.should->wanted ? wanted(d, c) : unwanted(d, c);
}

std::string no_route(const DocumentFacts& d) {
    return fmt::format("no route leads from {}; routes lead from {}", d.key.ns.text(),
                       fmt::join(d.routed, ", "));
}

Story tell(const DocumentFacts& d) {
    Story out{.key = d.key,
              .asked = d.asked,
              .known = d.known(),
              .streaming = d.streaming,
              .trouble = d.trouble,
              .source = d.source,
              .unasked = d.unasked};
    if (d.collections.empty()) out.conclusion = no_route(d);
    for (const auto& c : d.collections) {
        auto conclusion = conclude(d, c);
        CollectionStory story{.collection = c.collection,
                              .state = std::move(conclusion.state),
                              .conclusion = std::move(conclusion.sentence),
                              .phase = c.phase,
                              .filter = c.filter,
                              .passes = c.passes,
                              .unfit = c.unfit,
                              .stored = c.stored,
                              .held = c.held,
                              .unasked = c.unasked,
                              .in_flight = c.in_flight,
                              .in_doubt = c.in_doubt};
        if (c.should && c.should->wanted)
            story.should = {c.chunks, c.should->text, c.should->text_digest, c.should->payload_digest};
        if (c.paused) story.paused = c.pause;
        out.collections.push_back(std::move(story));
    }
    for (const auto& e : d.events) out.events.push_back(past(e));
    return out;
}

}  // namespace halcyon::pipeline
