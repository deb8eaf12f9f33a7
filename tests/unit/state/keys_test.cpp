#include "state/keys.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "unit/state/folder.hpp"

using namespace halcyon;
using namespace halcyon::testing;
using namespace halcyon::state;

namespace {

const std::vector<std::string>& awkward() {
    static const std::vector<std::string> parts{"",
                                                std::string(1, '\0'),
                                                std::string("\0\0", 2),
                                                std::string("\0\x01", 2),
                                                std::string("\0\xff", 2),
                                                "a",
                                                std::string("a\0", 2),
                                                std::string("a\0b", 3),
                                                "ab",
                                                "b",
                                                "\x01",
                                                "\xff",
                                                "\xff\xff"};
    return parts;
}

std::vector<ReceiptKey> awkward_keys() {
    std::vector<ReceiptKey> out;
    for (const auto& collection : awkward())
        for (const auto& database : awkward())
            for (const auto& id : awkward())
                for (const auto& name : {std::string(), std::string("a"), std::string("\0", 1)})
                    out.push_back(key(id, collection, name, database));
    return out;
}

}  // namespace

TEST_CASE("keys come back, and sort as bytes as they sort as values") {
    auto keys = awkward_keys();
    std::sort(keys.begin(), keys.end());
    std::string last;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto bytes = key_of(keys[i]);
        REQUIRE(parse_key(bytes) == keys[i]);
        if (i > 0) REQUIRE(last < bytes);
        last = bytes;
    }
}

TEST_CASE("a prefix covers the keys of its collection or namespace and no others") {
    const auto keys = awkward_keys();
    for (const auto& collection : awkward()) {
        const CollectionName name(collection);
        const auto prefix = prefix_of(name);
        const auto end = end_of(prefix);
        const Namespace ns{"a", "a"};
        for (const auto& k : keys) {
            const auto bytes = key_of(k);
            REQUIRE(bytes.starts_with(prefix) == (k.collection == name));
            REQUIRE((bytes >= prefix && bytes < end) == (k.collection == name));
            const auto ns_prefix = prefix_of(name, ns);
            const bool inside = bytes >= ns_prefix && bytes < end_of(ns_prefix);
            REQUIRE(inside == (k.collection == name && k.document.ns == ns));
        }
    }
}

namespace {
Owed owed_at(std::int64_t next, std::uint32_t attempts) {
    Owed note;
    note.next_attempt = {next};
    note.attempts = attempts;
    return note;
}
}  // namespace

TEST_CASE("owed work sorts by time within its collection, and names its note") {
    const std::int64_t times[] = {
        std::numeric_limits<std::int64_t>::min(), -1'000'000, -1, 0, 1, 255, 256, 1'700'000'000'000,
        std::numeric_limits<std::int64_t>::max()};
    const auto k = key(std::string("i\0d", 3), "c", "n", "d");
    std::string last;
    for (const std::uint32_t attempts : {0U, 1U})
        for (const auto t : times) {
            const auto bytes = due_key(k, owed_at(t, attempts));
            CHECK(last < bytes);
            CHECK(key_of_due(bytes) == key_of(k));
            CHECK(bytes < end_of(due_prefix(k.collection, attempts > 0, {t})));
            CHECK(bytes.starts_with(due_prefix(k.collection, attempts > 0)));
            last = bytes;
        }
    CHECK(due_key(k, owed_at(5, 1)) == due_key(k, owed_at(5, 9)));
    CHECK(last < prefix_of(CollectionName("d")));
    CHECK_FALSE(key_of_due("abc"));
    CHECK_FALSE(key_of_due(prefix_of(CollectionName("c")) + "1234567"));
}

TEST_CASE("bytes that are no key are refused") {
    for (const auto& bytes :
         {std::string(), std::string("abc"), std::string("a\0", 2), std::string("a\0\x02", 3),
          std::string("a\0\x01"
                      "b\0\x01"
                      "c",
                      7)})
        CHECK_FALSE(parse_key(bytes));
}

TEST_CASE("hexadecimal comes back, and anything else is refused") {
    const std::string all("\0\x01\x7f\x80\xff", 5);
    CHECK(to_hex(all) == "00017f80ff");
    CHECK(from_hex("00017f80ff") == all);
    CHECK(from_hex("") == "");
    for (const auto* wrong : {"0", "0g", "0A", " 00", "zz"}) CHECK_FALSE(from_hex(wrong));
}
