#include "contract/state/listing.hpp"

#include <boost/json/serialize.hpp>
#include <limits>

namespace halcyon::testing {
namespace {

namespace json = boost::json;

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const auto byte : bytes) {
        out.push_back(digits[static_cast<unsigned char>(byte) >> 4]);
        out.push_back(digits[static_cast<unsigned char>(byte) & 15]);
    }
    return out;
}

json::object of(ClusterTime t) { return {{"seconds", t.seconds}, {"increment", t.increment}}; }

json::object of(const Position& p) {
    return {{"token", hex(p.token)},
            {"time", of(p.time)},
            {"of_event", p.of_event},
            {"invalidated", p.invalidated}};
}

json::object of(const ReceiptKey& k) {
    return {{"collection", k.collection.value()},
            {"database", k.document.ns.database},
            {"name", k.document.ns.collection},
            {"id", k.document.id.json()}};
}

json::object of(const Receipt& r) {
    return {{"version", r.version.text()}, {"text", r.text.hex()}, {"payload", r.payload.hex()},
            {"chunks", r.chunks},          {"deleted", r.deleted}, {"at", r.at.ms},
            {"embeddings", r.embeddings}};
}

json::object of(const Owed& o) {
    return {{"version", o.version.text()},       {"reason", o.reason},  {"attempts", o.attempts},
            {"next_attempt", o.next_attempt.ms}, {"since", o.since.ms}, {"code", to_string(o.code)},
            {"last_attempt", o.last_attempt.ms}, {"force", o.force}};
}

json::object of(const DeadLetter& d) {
    return {{"version", d.version.text()},
            {"code", to_string(d.code)},
            {"reason", d.reason},
            {"payload", d.payload},
            {"attempts", d.attempts},
            {"first", d.first.ms},
            {"last", d.last.ms}};
}

template <class T>
json::object row(const std::pair<ReceiptKey, T>& r) {
    auto out = of(r.first);
    for (const auto& member : of(r.second)) out.insert(member);
    return out;
}

json::array frontier(const std::optional<Frontier>& f) {
    if (!f) return {};
    json::array uuids;
    for (const auto& [ns, uuid] : f->source.uuids)
        uuids.push_back({{"database", ns.database}, {"name", ns.collection}, {"uuid", uuid}});
    json::array out;
    out.push_back({{"epoch", f->epoch},
                   {"position", of(f->position)},
                   {"last_event", of(f->last_event)},
                   {"deployment", f->source.deployment},
                   {"operation_time", of(f->source.operation_time)},
                   {"uuids", uuids}});
    return out;
}

json::object of(const SnapshotProgress& s) {
    json::array ranges;
    for (const auto& r : s.ranges)
        ranges.push_back({{"min", hex(r.min)}, {"max", hex(r.max)}, {"next", hex(r.next)}, {"done", r.done}});
    return {{"database", s.ns.database},
            {"name", s.ns.collection},
            {"collection", s.collection.value()},
            {"route", s.route.hex()},
            {"started", s.started.text()},
            {"ranges", ranges},
            {"scanned", s.scanned},
            {"swept", s.swept}};
}

json::object of(const NamespaceTombstone& t) {
    return {{"database", t.ns.database},
            {"name", t.ns.collection},
            {"version", t.version.text()},
            {"swept", t.swept}};
}

/// Numbers as the other side of a comparison sees them, whatever their signedness.
bool same_scalar(const json::value& a, const json::value& b) {
    return json::serialize(a) == json::serialize(b);
}

ReceiptKey document(const std::string& id, const std::string& collection = "products",
                    const std::string& ns = "shop.products") {
    return {CollectionName(collection), {Namespace::parse(ns).value(), DocId::parse(id).value()}};
}

Version at(std::uint32_t seconds, std::uint32_t increment = 1, std::uint32_t operation = 0,
           std::uint32_t epoch = 3) {
    return {epoch, {seconds, increment}, operation};
}

Receipt held(std::uint32_t seconds, std::uint32_t chunks = 1) {
    return {at(seconds),
            digest_of("text" + std::to_string(seconds)),
            digest_of("payload" + std::to_string(seconds)),
            chunks,
            false,
            WallTime{std::int64_t{seconds} * 1000 + 7},
            chunks + 1};
}

Receipt gone(std::uint32_t seconds) {
    return {at(seconds, 2, Version::last), {}, {}, 0, true, WallTime{std::int64_t{seconds} * 1000}};
}

const char* const ids[] = {"5",
                           "-1",
                           "5.5",
                           "\"5\"",
                           "655f0f4d0102030405060708",
                           R"({"$binary":{"base64":"AAECAwQFBgcICQoLDA0ODw==","subType":"04"}})",
                           R"({"$date":{"$numberLong":"1700000000000"}})",
                           R"({"tenant":"a","n":[1,2.5]})",
                           R"({"$numberDecimal":"0.1"})",
                           "null",
                           "caf\xc3\xa9"};

constexpr std::uint32_t day = 1'700'000'000;

}  // namespace

FixtureCommits fixture_commits() {
    FixtureCommits out;
    Commit a;
    std::uint32_t second = day;
    for (const auto* id : ids) {
        ++second;
        a.receipts.emplace_back(document(id), held(second, second % 4 + 1));
    }
    for (int i = 100; i < 160; ++i) a.receipts.emplace_back(document(std::to_string(i)), held(++second));
    a.receipts.emplace_back(document("7"), gone(day + 5));
    a.receipts.emplace_back(document("5",
                                     "b\xc3\xbc"
                                     "cher",
                                     "shop.books.old"),
                            held(day + 6));
    // Half written: how many chunks may exist, and no digests.
    a.receipts.emplace_back(document("half"), Receipt{at(day + 8), {}, {}, 300, false, WallTime{9}});
    a.owed.emplace_back(document("lent"), Owed{at(day + 9), "HTTP 500", 4, WallTime{1'700'000'600'000},
                                               WallTime{1'700'000'000'123}, ErrorCode::embedding_unavailable,
                                               WallTime{1'700'000'300'000}, true});
    a.owed.emplace_back(document("soon", "articles"), Owed{at(day + 9), "too large for the stream", 0,
                                                           WallTime{1'700'000'500'000}, WallTime{1}});
    a.owed.emplace_back(document("paid"), Owed{at(day + 1), "timeout", 1, WallTime{5}, WallTime{4}});
    a.dead.emplace_back(
        document("refused"),
        DeadLetter{at(day + 10), ErrorCode::qdrant_rejected, "the text has \xe2\x82\xac 3 too many",
                   R"({"_id":"refused","name":")" + std::string(600, 'x') + "\"}", 3,
                   WallTime{1'700'000'010'000}, WallTime{1'700'000'020'000}});
    a.dead.emplace_back(document("mended"), DeadLetter{at(day + 10), ErrorCode::validation_error, "no name",
                                                       "{}", 1, WallTime{1}, WallTime{2}});
    a.namespaces.push_back({{"shop", "dropped"}, at(day + 20, 7), false});
    a.namespaces.push_back({{"shop", "swept"}, at(day + 21, 7), true});
    a.namespaces.push_back({{"shop", "forgotten"}, at(day + 22, 7), false});
    const auto min = DocId::parse("100").value().bytes();
    const auto next = DocId::parse("655f0f4d0102030405060708").value().bytes();
    a.snapshots.push_back({{"shop", "products"},
                           CollectionName("products"),
                           digest_of("route"),
                           at(day),
                           {{"", min, min, true}, {min, "", next, false}},
                           72,
                           false});
    a.snapshots.push_back({{"shop", "books.old"},
                           CollectionName("b\xc3\xbc"
                                          "cher"),
                           digest_of("other"),
                           at(day),
                           {},
                           1,
                           true});
    a.snapshots.push_back({{"shop", "ended"}, CollectionName("ended"), digest_of("r"), at(day), {}, 0, true});
    a.notes.emplace_back("routes", "r1");
    a.notes.emplace_back("collection/products", "products__1 0f5e");
    a.frontier = Frontier{3,
                          {std::string("\x82\x00\xff token", 9), {day + 22, 7}, true, false},
                          {std::string("\x82\x00\xff event", 9), {day + 22, 6}, true, true},
                          {"rs0 655f0f4d0102030405060708",
                           {day + 23, 1},
                           {{{"shop", "books.old"}, "00112233445566778899aabbccddeeff"},
                            {{"shop", "products"}, "ffeeddccbbaa99887766554433221100"}}}};
    out.first.push_back(std::move(a));

    Commit b;
    for (int i = 100; i < 110; ++i) b.receipts.emplace_back(document(std::to_string(i)), gone(day + 100));
    for (int i = 110; i < 120; ++i) b.receipts.emplace_back(document(std::to_string(i)), held(day + 101, 2));
    for (int i = 120; i < 130; ++i) b.forget.push_back(document(std::to_string(i)));
    b.receipts.emplace_back(document("paid"), held(day + 102));
    b.dead_done.push_back(document("mended"));
    b.namespaces_done.push_back({"shop", "forgotten"});
    b.snapshots_done.emplace_back(Namespace{"shop", "ended"}, CollectionName("ended"));
    b.notes.emplace_back("routes", "r2");
    out.second.push_back(std::move(b));
    Commit c;
    c.frontier = out.first.front().frontier;
    c.frontier->position = {std::string("\x82\x00\xff later", 9), {day + 110, 1}, false, false};
    out.second.push_back(std::move(c));
    return out;
}

json::object listing_of(AnyStore& store) {
    const auto state = store.load();
    json::object out;
    out["frontier"] = frontier(state.frontier);
    json::array snapshots;
    for (const auto& s : state.snapshots) snapshots.push_back(of(s));
    out["snapshots"] = snapshots;
    json::array namespaces;
    for (const auto& t : state.namespaces) namespaces.push_back(of(t));
    out["namespaces"] = namespaces;
    json::array notes;
    for (const auto& [name, text] : state.notes) notes.push_back({{"name", name}, {"text", text}});
    out["notes"] = notes;
    json::array counts;
    json::array receipts;
    json::array owed;
    for (const auto& c : store.counts()) {
        counts.push_back({{"collection", c.collection.value()},
                          {"receipts", c.receipts},
                          {"tombstones", c.tombstones},
                          {"owed", c.owed},
                          {"dead", c.dead},
                          {"synced", c.of(SyncStatus::synced)},
                          {"pending", c.of(SyncStatus::pending)},
                          {"stale", c.of(SyncStatus::stale)},
                          {"failed", c.of(SyncStatus::failed)}});
        std::optional<std::string> from;
        do {
            auto page = store.scan(c.collection.value(), {}, from, 16);
            for (const auto& r : page.rows) receipts.push_back(row(r));
            from = page.next;
        } while (from);
        for (const bool retries : {false, true})
            for (const auto& r :
                 store.due(c.collection.value(), std::numeric_limits<std::int64_t>::max(), 1000, retries))
                owed.push_back(row(r));
    }
    json::array dead;
    for (const auto& r : store.dead_letters().rows) dead.push_back(row(r));
    out["counts"] = counts;
    out["receipts"] = receipts;
    out["owed"] = owed;
    out["dead_letters"] = dead;
    return out;
}

std::string pretty(const json::object& listing) {
    std::string out = "{";
    const char* comma = "";
    for (const auto& [name, rows] : listing) {
        out += std::string(comma) + "\n  " + json::serialize(json::string(name)) + ": [";
        const char* between = "";
        for (const auto& r : rows.as_array()) {
            out += std::string(between) + "\n    " + json::serialize(r);
            between = ",";
        }
        out += "\n  ]";
        comma = ",";
    }
    return out + "\n}\n";
}

std::string difference(const json::value& expected, const json::value& read, const std::string& where) {
    const auto differs = [&] {
        return where + ": " + json::serialize(read) + " instead of " + json::serialize(expected);
    };
    if (const auto* object = expected.if_object(); object && read.is_object()) {
        for (const auto& [name, value] : *object) {
            const auto* other = read.as_object().if_contains(name);
            if (!other) return where + "." + std::string(name) + ": is missing";
            if (auto d = difference(value, *other, where + "." + std::string(name)); !d.empty()) return d;
        }
        return {};
    }
    if (const auto* array = expected.if_array(); array && read.is_array()) {
        if (array->size() != read.as_array().size())
            return where + ": " + std::to_string(read.as_array().size()) + " rows instead of " +
                   std::to_string(array->size());
        for (std::size_t i = 0; i < array->size(); ++i)
            if (auto d = difference((*array)[i], read.as_array()[i], where + "[" + std::to_string(i) + "]");
                !d.empty())
                return d;
        return {};
    }
    return same_scalar(expected, read) ? std::string() : differs();
}

}  // namespace halcyon::testing
