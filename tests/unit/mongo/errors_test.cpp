#include "mongo/errors.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "support/recording.hpp"

using halcyon::Cause;
using halcyon::Verdict;
using halcyon::mongo::Attempt;
using halcyon::mongo::Failure;

namespace {

const Attempt watching{Attempt::What::watch, "watch database shop", "the role `read` on database shop"};
const Attempt reading{Attempt::What::read, "read shop.products", "the role `read` on database shop"};

Failure server(std::uint32_t code, std::string message = "said the server") {
    return {Failure::Origin::server, code, std::move(message), false, false};
}

struct Ruling {
    Verdict verdict;
    Cause cause;
};

// What a stream makes of every code that was recorded.
const std::map<int, Ruling> recorded = {
    {2, {Verdict::fatal, Cause::internal}},
    {9, {Verdict::resync, Cause::invalid_position}},
    {13, {Verdict::fatal, Cause::unauthorized}},
    {15, {Verdict::resync, Cause::invalid_position}},
    {18, {Verdict::fatal, Cause::unauthorized}},
    {20, {Verdict::fatal, Cause::internal}},
    {43, {Verdict::retry, Cause::unavailable}},
    {59, {Verdict::fatal, Cause::unsupported}},
    {72, {Verdict::fatal, Cause::internal}},
    {73, {Verdict::fatal, Cause::invalid}},
    {76, {Verdict::fatal, Cause::unsupported}},
    {136, {Verdict::resync, Cause::history_lost}},
    {175, {Verdict::retry, Cause::unavailable}},
    {260, {Verdict::resync, Cause::invalid_position}},
    {280, {Verdict::resync, Cause::not_found}},
    {10334, {Verdict::reject, Cause::too_large}},
    {40324, {Verdict::fatal, Cause::unsupported}},
    {40415, {Verdict::fatal, Cause::internal}},
    {40573, {Verdict::fatal, Cause::unsupported}},
    {40575, {Verdict::fatal, Cause::internal}},
    {40602, {Verdict::fatal, Cause::internal}},
    {40647, {Verdict::resync, Cause::invalid_position}},
    {40649, {Verdict::resync, Cause::invalid_position}},
    {50738, {Verdict::retry, Cause::unavailable}},
    {50865, {Verdict::fatal, Cause::internal}},
    {51173, {Verdict::fatal, Cause::internal}},
};

}  // namespace

TEST_CASE("every recorded failure has its verdict") {
    std::map<int, int> seen;
    for (const auto* name : {"4.2.8", "4.2.8-history-lost", "4.2.8-authorization", "4.2.8-standalone"})
        for (const auto& row : halcyon::test::recording(name)) {
            if (row.failure.empty()) continue;
            // Made by the recorder's own requests and by writes; no stream and no read meets them.
            if (row.code() == 59 && row.scenario == "handshake") continue;
            INFO(name << ": " << row.name() << ": " << row.code() << " " << row.errmsg());
            const auto expected = recorded.find(row.code());
            REQUIRE(expected != recorded.end());
            const auto e = halcyon::mongo::verdict(
                server(static_cast<std::uint32_t>(row.code()), row.errmsg()), watching);
            CHECK(e.verdict == expected->second.verdict);
            CHECK(e.cause == expected->second.cause);
            CHECK(e.context.size() < 800);
            ++seen[row.code()];
        }
    for (const auto code : {13, 18, 43, 136, 175, 260, 280, 10334, 40573, 50738}) {
        INFO(code);
        CHECK(seen[code] > 0);
    }
}

TEST_CASE("a lost history is told by 286 on newer servers") {
    const auto e = halcyon::mongo::verdict(server(286), watching);
    CHECK(e.verdict == Verdict::resync);
    CHECK(e.cause == Cause::history_lost);
}

TEST_CASE("codes that concern a position are nothing of the kind in a plain read") {
    CHECK(halcyon::mongo::verdict(server(136), reading).verdict == Verdict::retry);
    CHECK(halcyon::mongo::verdict(server(9), reading).verdict == Verdict::fatal);
    CHECK(halcyon::mongo::verdict(server(175), reading).verdict == Verdict::retry);
    CHECK(halcyon::mongo::verdict(server(43), reading).verdict == Verdict::retry);
}

TEST_CASE("a missing right is named") {
    const auto e = halcyon::mongo::verdict(
        server(13, "not authorized on admin to execute command {secret: 1}"), watching);
    CHECK(e.context.find("the role `read` on database shop") != std::string::npos);
    CHECK(e.context.find("watch database shop") != std::string::npos);
    CHECK(e.context.find("secret") == std::string::npos);
}

TEST_CASE("a stand-alone server's error says how to make a replica set") {
    const auto e = halcyon::mongo::verdict(server(40573), watching);
    CHECK(e.context.find("--replSet") != std::string::npos);
    CHECK(e.context.find("rs.initiate()") != std::string::npos);
}

TEST_CASE("elections, lost connections and unknown codes are tried again") {
    for (const std::uint32_t code : {91U, 189U, 10107U, 11600U, 11602U, 13435U, 13436U, 133U, 9001U, 987654U})
        CHECK(halcyon::mongo::verdict(server(code), watching).verdict == Verdict::retry);
    for (const auto origin : {Failure::Origin::network, Failure::Origin::selection}) {
        const auto e = halcyon::mongo::verdict({origin, 0, "no primary", false, false}, watching);
        CHECK(e.verdict == Verdict::retry);
        CHECK(e.cause == Cause::unavailable);
    }
}

TEST_CASE("an unknown code that a stream cannot survive leads down the ladder") {
    auto f = server(987654);
    f.non_resumable_label = true;
    CHECK(halcyon::mongo::verdict(f, watching).verdict == Verdict::resync);
}

TEST_CASE("a member that lags behind the asked time is tried again") {
    const auto e = halcyon::mongo::verdict(
        server(72, "readConcern afterClusterTime value must not be greater than the current clusterTime."),
        reading);
    CHECK(e.verdict == Verdict::retry);
}

TEST_CASE("a refused user and an old server need an operator") {
    CHECK(halcyon::mongo::verdict({Failure::Origin::authentication, 0, "no", false, false}, reading).cause ==
          Cause::unauthorized);
    const auto old =
        halcyon::mongo::verdict({Failure::Origin::incompatible, 0, "wire version", false, false}, reading);
    CHECK(old.verdict == Verdict::fatal);
    CHECK(old.cause == Cause::unsupported);
}

TEST_CASE("a message that quotes a whole document is cut, between characters") {
    std::string text;
    for (int i = 0; i < 400; ++i) text += "ä";
    const auto e = halcyon::mongo::verdict(server(1, text), reading);
    CHECK(e.context.size() < 400);
    CHECK(e.context.find("ä...") != std::string::npos);
}

TEST_CASE("what a server says that cannot split events is told apart from what stops the stream") {
    using halcyon::mongo::cannot_split;
    using halcyon::mongo::too_large;
    for (const auto code : {40324U, 224U, 115U, 303U, 323U, 8000U}) CHECK(cannot_split(server(code)));
    for (const auto code : {13U, 280U, 286U, 10334U, 7182500U, 11600U})
        CHECK_FALSE(cannot_split(server(code)));
    CHECK_FALSE(cannot_split({Failure::Origin::network, 40324, "", false, false}));
    CHECK(too_large(server(10334)));
    CHECK(too_large(server(7182500)));
    CHECK_FALSE(too_large(server(7182501)));
    const auto e = verdict(server(7182500), watching);
    CHECK(e.verdict == Verdict::reject);
    CHECK(e.cause == Cause::too_large);
}
