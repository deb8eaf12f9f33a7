#include "state/codec.hpp"

#include <fmt/format.h>

#include "state/wire.hpp"

namespace halcyon::state {
namespace {

Encoder record() {
    Encoder e;
    e.number(schema_version);
    return e;
}

void put(Encoder& e, ClusterTime t) { e.number(t.seconds).number(t.increment); }
void put(Encoder& e, const Version& v) {
    e.number(v.epoch);
    put(e, v.time);
    e.number(v.operation);
}
void put(Encoder& e, Digest d) { e.number(d.high).number(d.low); }
void put(Encoder& e, WallTime t) { e.number(t.ms); }
void put(Encoder& e, const Namespace& ns) { e.bytes(ns.database).bytes(ns.collection); }
void put(Encoder& e, const Position& p) {
    e.bytes(p.token);
    put(e, p.time);
    e.flag(p.of_event).flag(p.invalidated);
}

void get(Decoder& d, ClusterTime& t) {
    t.seconds = d.number<std::uint32_t>();
    t.increment = d.number<std::uint32_t>();
}
void get(Decoder& d, Version& v) {
    v.epoch = d.number<std::uint32_t>();
    get(d, v.time);
    v.operation = d.number<std::uint32_t>();
}
void get(Decoder& d, Digest& digest) {
    digest.high = d.number<std::uint64_t>();
    digest.low = d.number<std::uint64_t>();
}
void get(Decoder& d, WallTime& t) { t.ms = d.number<std::int64_t>(); }
void get(Decoder& d, Namespace& ns) {
    ns.database = d.bytes();
    ns.collection = d.bytes();
}
void get(Decoder& d, Position& p) {
    p.token = d.bytes();
    get(d, p.time);
    p.of_event = d.flag();
    p.invalidated = d.flag();
}

/// A number that this program does not know is an error.
void get(Decoder& d, ErrorCode& code) {
    const auto n = d.number<std::uint8_t>();
    if (n >= error_code_count)
        d.refuse();
    else
        code = static_cast<ErrorCode>(n);
}
void put(Encoder& e, ErrorCode code) { e.number(static_cast<std::uint8_t>(code)); }

void read(Decoder& d, Receipt& r) {
    get(d, r.version);
    get(d, r.text);
    get(d, r.payload);
    r.chunks = d.number<std::uint32_t>();
    r.deleted = d.flag();
    get(d, r.at);
    r.embeddings = d.number<std::uint32_t>();
}
void read(Decoder& d, Owed& o) {
    get(d, o.version);
    o.reason = d.bytes();
    o.attempts = d.number<std::uint32_t>();
    get(d, o.next_attempt);
    get(d, o.since);
    get(d, o.code);
    get(d, o.last_attempt);
    o.force = d.flag();
}
void read(Decoder& d, DeadLetter& l) {
    get(d, l.version);
    get(d, l.code);
    l.reason = d.bytes();
    l.payload = d.bytes();
    l.attempts = d.number<std::uint32_t>();
    get(d, l.first);
    get(d, l.last);
}
void read(Decoder& d, Frontier& f) {
    f.epoch = d.number<std::uint32_t>();
    get(d, f.position);
    get(d, f.last_event);
    f.source.deployment = d.bytes();
    get(d, f.source.operation_time);
    f.source.uuids.resize(d.count(12));
    for (auto& [ns, uuid] : f.source.uuids) {
        get(d, ns);
        uuid = d.bytes();
    }
}
void read(Decoder& d, SnapshotProgress& p) {
    get(d, p.ns);
    p.collection = CollectionName(d.bytes());
    get(d, p.route);
    get(d, p.started);
    p.ranges.resize(d.count(13));
    for (auto& range : p.ranges) {
        range.min = d.bytes();
        range.max = d.bytes();
        range.next = d.bytes();
        range.done = d.flag();
    }
    p.scanned = d.number<std::uint64_t>();
    p.swept = d.flag();
}
void read(Decoder& d, NamespaceTombstone& t) {
    get(d, t.ns);
    get(d, t.version);
    t.swept = d.flag();
}
void read(Decoder& d, CollectionCounts& c) {
    c.receipts = d.number<std::uint64_t>();
    c.tombstones = d.number<std::uint64_t>();
    c.owed = d.number<std::uint64_t>();
    c.dead = d.number<std::uint64_t>();
    for (auto& n : c.by_status) n = d.number<std::uint64_t>();
}

}  // namespace

std::string encode(const Receipt& r) {
    auto e = record();
    put(e, r.version);
    put(e, r.text);
    put(e, r.payload);
    e.number(r.chunks).flag(r.deleted);
    put(e, r.at);
    e.number(r.embeddings);
    return e.finish();
}

std::string encode(const Owed& o) {
    auto e = record();
    put(e, o.version);
    e.bytes(o.reason).number(o.attempts);
    put(e, o.next_attempt);
    put(e, o.since);
    put(e, o.code);
    put(e, o.last_attempt);
    e.flag(o.force);
    return e.finish();
}

std::string encode(const DeadLetter& l) {
    auto e = record();
    put(e, l.version);
    put(e, l.code);
    e.bytes(l.reason).bytes(l.payload).number(l.attempts);
    put(e, l.first);
    put(e, l.last);
    return e.finish();
}

std::string encode(const Frontier& f) {
    auto e = record();
    e.number(f.epoch);
    put(e, f.position);
    put(e, f.last_event);
    e.bytes(f.source.deployment);
    put(e, f.source.operation_time);
    e.number(static_cast<std::uint32_t>(f.source.uuids.size()));
    for (const auto& [ns, uuid] : f.source.uuids) {
        put(e, ns);
        e.bytes(uuid);
    }
    return e.finish();
}

std::string encode(const SnapshotProgress& p) {
    auto e = record();
    put(e, p.ns);
    e.bytes(p.collection.value());
    put(e, p.route);
    put(e, p.started);
    e.number(static_cast<std::uint32_t>(p.ranges.size()));
    for (const auto& range : p.ranges) e.bytes(range.min).bytes(range.max).bytes(range.next).flag(range.done);
    e.number(p.scanned).flag(p.swept);
    return e.finish();
}

std::string encode(const NamespaceTombstone& t) {
    auto e = record();
    put(e, t.ns);
    put(e, t.version);
    e.flag(t.swept);
    return e.finish();
}

std::string encode(const CollectionCounts& c) {
    auto e = record();
    e.number(c.receipts).number(c.tombstones).number(c.owed).number(c.dead);
    for (const auto n : c.by_status) e.number(n);
    return e.finish();
}

template <class T>
Result<T> decode(std::string_view bytes) {
    Decoder d(bytes);
    T out;
    if (const auto version = d.number<std::uint8_t>(); version != schema_version)
        return fail(
            Verdict::fatal, Cause::corrupted,
            fmt::format("a record of schema version {}, where {} was expected", version, schema_version));
    read(d, out);
    if (!d.finished())
        return fail(Verdict::fatal, Cause::corrupted,
                    fmt::format("a record of {} bytes that does not decode", bytes.size()));
    return out;
}

template Result<Receipt> decode(std::string_view);
template Result<Owed> decode(std::string_view);
template Result<DeadLetter> decode(std::string_view);
template Result<Frontier> decode(std::string_view);
template Result<SnapshotProgress> decode(std::string_view);
template Result<NamespaceTombstone> decode(std::string_view);
template Result<CollectionCounts> decode(std::string_view);

}  // namespace halcyon::state
