#include "state/codec.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "unit/state/folder.hpp"

using namespace halcyon;
using namespace halcyon::testing;
using state::decode;
using state::encode;

namespace {

bool same(const Receipt& a, const Receipt& b) { return a == b; }
bool same(const Owed& a, const Owed& b) { return a == b; }
bool same(const DeadLetter& a, const DeadLetter& b) { return a == b; }
bool same(const Frontier& a, const Frontier& b) {
    return a.epoch == b.epoch && a.position == b.position && a.last_event == b.last_event &&
           a.source.deployment == b.source.deployment && a.source.operation_time == b.source.operation_time &&
           a.source.uuids == b.source.uuids;
}
bool same(const SnapshotProgress& a, const SnapshotProgress& b) {
    return a.ns == b.ns && a.collection == b.collection && a.route == b.route && a.started == b.started &&
           a.ranges == b.ranges && a.scanned == b.scanned && a.swept == b.swept;
}
bool same(const NamespaceTombstone& a, const NamespaceTombstone& b) {
    return a.ns == b.ns && a.version == b.version && a.swept == b.swept;
}
bool same(const CollectionCounts& a, const CollectionCounts& b) {
    return a.receipts == b.receipts && a.tombstones == b.tombstones && a.owed == b.owed && a.dead == b.dead;
}

template <class T>
void round_trip(const T& value) {
    const auto bytes = encode(value);
    const auto back = decode<T>(bytes);
    REQUIRE(back.has_value());
    CHECK(same(back.value(), value));
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        const auto part = decode<T>(std::string_view(bytes).substr(0, cut));
        REQUIRE(part.has_error());
        REQUIRE(part.error().verdict == Verdict::fatal);
        REQUIRE(part.error().cause == Cause::corrupted);
    }
    CHECK(decode<T>(bytes + '\0').has_error());
    auto other_version = bytes;
    other_version[0] = static_cast<char>(state::schema_version + 1);
    CHECK(decode<T>(other_version).has_error());
    // Any byte may be wrong: never a crash, never more memory than the record has bytes.
    for (std::size_t at = 0; at < bytes.size(); ++at)
        for (const char wrong : {'\0', '\x01', '\x7f', '\xff'}) {
            auto damaged = bytes;
            damaged[at] = wrong;
            const auto ignored = decode<T>(damaged);
            if (ignored.has_error()) REQUIRE(ignored.error().cause == Cause::corrupted);
        }
}

constexpr auto top = std::numeric_limits<std::uint32_t>::max();

}  // namespace

TEST_CASE("every record comes back as it was, and no part of one does") {
    round_trip(Receipt{});
    round_trip(Receipt{{top, {top, 1}, Version::last},
                       {~0ULL, 1},
                       {2, ~0ULL},
                       top,
                       true,
                       {std::numeric_limits<std::int64_t>::min()},
                       top});
    round_trip(Owed{});
    round_trip(Owed{version(3),
                    std::string("why\0?", 5),
                    7,
                    {-1},
                    {std::numeric_limits<std::int64_t>::max()},
                    ErrorCode::unknown,
                    {8},
                    true});
    round_trip(DeadLetter{});
    round_trip(DeadLetter{version(3), ErrorCode::qdrant_rejected, "bad", R"({"_id":1})", 9, {1}, {2}});
    round_trip(Frontier{});
    round_trip(Frontier{2,
                        {std::string(300, '\xfe'), {1, 2}, true, false},
                        {"", {3, 4}, false, true},
                        {"rs0", {5, 6}, {{{"a", "b.c"}, "00"}, {{"d", ""}, ""}}}});
    round_trip(SnapshotProgress{});
    round_trip(SnapshotProgress{{"a", "b"},
                                CollectionName("c"),
                                {1, 2},
                                version(4),
                                {{"x", "y", "z", true}, {"", "", "", false}},
                                1ULL << 60,
                                true});
    round_trip(NamespaceTombstone{{"a", "b"}, version(4), true});
    round_trip(CollectionCounts{CollectionName(), 1, 2, 3, ~0ULL, {5, 6, ~0ULL, 8}});
}

TEST_CASE("an error code that this program does not know is no record") {
    auto bytes = encode(DeadLetter{});
    REQUIRE(decode<DeadLetter>(bytes).has_value());
    bytes[17] = static_cast<char>(error_code_count);
    CHECK(decode<DeadLetter>(bytes).has_error());
}

TEST_CASE("the bytes of a receipt are pinned") {
    const Receipt r{{1, {2, 3}, 4}, {5, 6}, {7, 8}, 9, true, {10}, 11};
    const std::string expected(
        "\x02"
        "\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0"
        "\x05\0\0\0\0\0\0\0\x06\0\0\0\0\0\0\0"
        "\x07\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0"
        "\x09\0\0\0\x01\x0a\0\0\0\0\0\0\0"
        "\x0b\0\0\0",
        66);
    CHECK(encode(r) == expected);
}
