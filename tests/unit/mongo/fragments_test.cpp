#include "mongo/fragments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/bson.hpp"
#include "support/recording.hpp"

using namespace halcyon;
using namespace halcyon::mongo;
using halcyon::test::json;
using Said = Fragments::Said;

namespace {

/// One fragment of the event at `second`.
std::string fragment(int number, int of, const std::string& fields, int second = 12) {
    return test::bson(fmt::format(
        R"({{"_id":{{"_data":"82{:08X}000000012B042C0100296E5A100400{:02X}04"}},
            "splitEvent":{{"fragment":{},"of":{}}}{}{}}})",
        second, number, number, of, fields.empty() ? "" : ",", fields));
}
const std::string whole =
    R"({"_id":{"_data":"820000000C000000012B042C0100296E04"},"operationType":"insert"})";

/// What is said to each in turn: w(hole) m(ore) c(omplete) b(roken).
std::string said(Fragments& f, const std::vector<std::string>& events) {
    std::string out;
    for (const auto& e : events) out += "wmcb"[static_cast<int>(f.take(e))];
    return out;
}
std::string said(const std::vector<std::string>& events) {
    Fragments f;
    return said(f, events);
}

const auto a = [](int number, int of) { return fragment(number, of, fmt::format(R"("f{}":1)", number)); };

}  // namespace

TEST_CASE("fragments in order are one event, with every field and the last one's token") {
    Fragments f;
    CHECK(f.take(fragment(1, 3, R"("operationType":"update","ns":{"db":"shop","coll":"a"})")) == Said::more);
    CHECK(f.open());
    CHECK(f.take(fragment(2, 3, R"("documentKey":{"_id":7})")) == Said::more);
    const auto last = fragment(3, 3, R"("fullDocument":{"_id":7,"name":"x"})");
    CHECK(f.take(last) == Said::complete);
    CHECK_FALSE(f.open());
    CHECK(bson::well_formed(f.event()));
    CHECK(json(std::string(f.event())) ==
          json(test::bson(R"({"operationType":"update","ns":{"db":"shop","coll":"a"},"documentKey":{"_id":7},
                        "fullDocument":{"_id":7,"name":"x"},
                        "_id":{"_data":"820000000C000000012B042C0100296E5A1004000304"}})")));
    CHECK(f.take(test::bson(whole)) == Said::whole);
}

TEST_CASE("an event in one fragment is complete, and one after the other is taken") {
    CHECK(said({a(1, 1)}) == "c");
    CHECK(said({a(1, 2), a(2, 2), a(1, 1), test::bson(whole), a(1, 3), a(2, 3), a(3, 3)}) == "mccwmmc");
}

TEST_CASE("fragments in any other order are broken, and what follows is taken anew") {
    CHECK(said({a(2, 2)}) == "b");
    CHECK(said({a(1, 2), a(1, 2), a(1, 2), a(2, 2)}) == "mbmc");
    CHECK(said({a(1, 3), a(3, 3), a(2, 3)}) == "mbb");
    CHECK(said({a(1, 3), test::bson(whole), test::bson(whole)}) == "mbw");
    CHECK(said({a(3, 3), a(2, 3), a(1, 3), a(2, 3), a(3, 3)}) == "bbmmc");
    // Every order of three, told twice: complete exactly where 1, 2, 3 follow each other.
    std::vector<int> order{1, 2, 3};
    do {
        std::vector<std::string> events;
        std::string told;
        for (int turn = 0; turn < 2; ++turn)
            for (const int n : order) {
                events.push_back(a(n, 3));
                told += std::to_string(n);
            }
        INFO(told);
        const auto answer = said(events);
        CHECK((answer.find('c') != std::string::npos) == (told.find("123") != std::string::npos));
        CHECK(answer.find('w') == std::string::npos);
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("fragments of another split, of another event, or of none at all are broken") {
    CHECK(said({a(1, 3), a(2, 2)}) == "mb");
    CHECK(said({a(1, 2), fragment(2, 2, R"("f2":1)", 13)}) == "mb");
    CHECK(said({fragment(0, 2, "")}) == "b");
    CHECK(said({fragment(3, 2, "")}) == "b");
    CHECK(said({fragment(-1, -1, "")}) == "b");
    CHECK(said({test::bson(R"({"_id":{},"splitEvent":{}})")}) == "b");
    // The same field twice: parts of two different splits.
    CHECK(said({fragment(1, 2, R"("f":1)"), fragment(2, 2, R"("f":2)")}) == "mb");
}

TEST_CASE("fragments beyond their bound are broken") {
    const auto pad = [](int n) {
        return fragment(n, 9, fmt::format(R"("f{}":"{}")", n, std::string(15 << 20, 'x')));
    };
    Fragments f;
    CHECK(said(f, {pad(1), pad(2), pad(3), pad(4), pad(5)}) == "mmmmb");
    CHECK_FALSE(f.open());
}

TEST_CASE("what was begun can be dropped") {
    Fragments f;
    CHECK(said(f, {a(1, 2)}) == "m");
    f.drop();
    CHECK_FALSE(f.open());
    CHECK(said(f, {a(2, 2), a(1, 2), a(2, 2)}) == "bmc");
}
