// What check says of each answer.
#include "app/findings.hpp"

#include <catch2/catch.hpp>

using namespace halcyon;
using namespace halcyon::app;
using Catch::Contains;

namespace {

mongo::Probe good_probe() {
    mongo::Probe p;
    p.version = "7.0.14";
    p.supported = true;
    p.deployment = "rs0/1";
    p.watching = "watch database shop";
    p.namespaces = {{{"shop", "products"}, true, 1234567, {}}};
    p.history = std::chrono::hours(48);
    return p;
}

const Finding& about(const Findings& findings, const std::string& subject) {
    for (const auto& f : findings)
        if (f.subject == subject) return f;
    FAIL("nothing is said about " << subject);
    return findings.front();
}

CollectionSpec products() {
    CollectionSpec s;
    s.name = CollectionName("products");
    return s;
}

}  // namespace

TEST_CASE("a MongoDB that has everything is all ok") {
    const auto findings = judge_mongo("db:27017", good_probe());
    CHECK(exit_of(findings) == cli::Exit::done);
    for (const auto& f : findings) CHECK((f.level == Level::ok && f.todo.empty()));
    CHECK_THAT(about(findings, "mongodb shop.products").text, Contains("1,234,567"));
    CHECK_THAT(about(findings, "mongodb").text, Contains("7.0.14"));
}

TEST_CASE("a MongoDB that cannot be reached is one finding with what to look at") {
    const auto findings = judge_mongo("db:27017", fail(Verdict::retry, Cause::unavailable, "no server"));
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].level == Level::unreachable);
    CHECK_THAT(findings[0].todo, Contains("db:27017"));
    CHECK(exit_of(findings) == cli::Exit::unreachable);
}

TEST_CASE("a refused password is a problem and not an absence") {
    const auto findings = judge_mongo("db", fail(Verdict::fatal, Cause::unauthorized, "check the password"));
    CHECK(findings.at(0).level == Level::problem);
    CHECK_THAT(findings.at(0).text, Contains("check the password"));
    CHECK(exit_of(findings) == cli::Exit::failed);
}

TEST_CASE("each thing that MongoDB lacks is said with its remedy") {
    auto p = good_probe();
    SECTION("an old version") {
        p.supported = false;
        CHECK_THAT(about(judge_mongo("db", p), "mongodb").todo, Contains("4.2 to 8"));
    }
    SECTION("a stand-alone server") {
        p.deployment.clear();
        p.watch = Error{Verdict::fatal, Cause::unsupported, "no replica set", {}};
        const auto findings = judge_mongo("db", p);
        CHECK_THAT(about(findings, "mongodb replica set").todo, Contains("rs.initiate()"));
        CHECK(exit_of(findings) == cli::Exit::failed);
    }
    SECTION("the right to watch") {
        p.watch = Error{Verdict::fatal, Cause::unauthorized, "not authorized", {}};
        CHECK_THAT(about(judge_mongo("db", p), "mongodb changes").todo, Contains("role read"));
    }
    SECTION("the right to read a collection") {
        p.namespaces[0].find = Error{Verdict::fatal, Cause::unauthorized, "not authorized", {}};
        const auto findings = judge_mongo("db", p);
        CHECK_THAT(about(findings, "mongodb shop.products").todo, Contains("role read on shop"));
        CHECK(exit_of(findings) == cli::Exit::failed);
    }
}

TEST_CASE("whether statuses may be written is looked at where they are to be") {
    auto p = good_probe();
    for (const auto& f : judge_mongo("db", p)) CHECK_THAT(f.subject, !Contains("statuses"));
    CHECK_THAT(about(judge_mongo("db", p, "syncMetadata"), "mongodb shop.products statuses").text,
               Contains("syncMetadata"));
    p.namespaces[0].status = Error{Verdict::fatal, Cause::unauthorized, "not authorized", {}};
    const auto findings = judge_mongo("db", p, "syncMetadata");
    CHECK_THAT(about(findings, "mongodb shop.products statuses").todo,
               Contains("readWrite on shop") && Contains("status_writeback off"));
    CHECK(exit_of(findings) == cli::Exit::failed);
    p.namespaces[0].status = Error{Verdict::retry, Cause::unavailable, "no primary", {}};
    CHECK(exit_of(judge_mongo("db", p, "syncMetadata")) == cli::Exit::unreachable);
}

TEST_CASE("what only needs attention does not make check fail") {
    auto p = good_probe();
    SECTION("a collection that is not there") {
        p.namespaces[0].exists = false;
        CHECK(about(judge_mongo("db", p), "mongodb shop.products").level == Level::note);
    }
    SECTION("a short oplog") {
        p.history = std::chrono::minutes(90);
        CHECK_THAT(about(judge_mongo("db", p), "mongodb history").text, Contains("1 h 30 min"));
    }
    SECTION("an oplog that is closed to the user") {
        p.history.reset();
        CHECK(about(judge_mongo("db", p), "mongodb history").level == Level::note);
    }
    CHECK(exit_of(judge_mongo("db", p)) == cli::Exit::done);
}

TEST_CASE("Qdrant's version decides whether it is ok, untried or too old") {
    CHECK(judge_server("u", qdrant::ServerInspection{"1.18.3", true, true}).level == Level::ok);
    CHECK(judge_server("u", qdrant::ServerInspection{"1.20.0", true, false}).level == Level::note);
    CHECK(judge_server("u", qdrant::ServerInspection{"", true, false}).level == Level::note);
    CHECK(judge_server("u", qdrant::ServerInspection{"1.16.0", false, false}).level == Level::problem);
    CHECK(judge_server("u", fail(Verdict::retry, Cause::unavailable, "refused")).level == Level::unreachable);
}

TEST_CASE("a key that Qdrant refuses is a problem although asking again may help") {
    CHECK(judge_server("u", fail(Verdict::retry, Cause::unauthorized, "the API key")).level ==
          Level::problem);
}

TEST_CASE("a collection says what run would do with it") {
    qdrant::CollectionInspection c;
    c.physical = "products__1";
    CHECK_THAT(judge_collection(products(), c).text, Contains("run makes it") && Contains("products__1"));
    c.exists = true;
    c.points = 4321;
    c.missing_indexes = {"price"};
    c.strict = {"hits a query: 10"};
    const auto found = judge_collection(products(), c);
    CHECK(found.level == Level::ok);
    CHECK_THAT(found.text, Contains("4,321") && Contains("alias products") && Contains("price") &&
                               Contains("hits a query: 10"));
    c.wrong = Error{Verdict::fatal, Cause::dimension_mismatch, "768, not 384", {}};
    CHECK(judge_collection(products(), c).level == Level::problem);
    CHECK_THAT(judge_collection(products(), c).text, Contains("768, not 384"));
}

TEST_CASE("an embedder answers with its size, or says why not") {
    EmbedderAnswer answer{"openai/1 m"};
    answer.dimension = std::uint32_t{1536};
    answer.for_text = std::chrono::milliseconds(85);
    CHECK_THAT(judge_embedder("default", answer).text, Contains("1536 dimensions") && Contains("85 ms"));
    answer.embed = Error{Verdict::retry, Cause::timeout, "60 s", {}};
    CHECK(judge_embedder("default", answer).level == Level::unreachable);
    answer.dimension = fail(Verdict::fatal, Cause::unauthorized, "bad key");
    CHECK(judge_embedder("default", answer).level == Level::problem);
}

TEST_CASE("findings are printed with what to do below them, and as JSON") {
    const Findings findings{{Level::ok, "mongodb", "version 7"},
                            {Level::problem, "qdrant \"x\"", "too old", "take another"}};
    CHECK(text_of(findings) ==
          "ok           mongodb     version 7\n"
          "problem      qdrant \"x\"  too old\n"
          "                         -> take another\n");
    CHECK(json_of(findings) ==
          R"({"ok":false,"findings":[{"level":"ok","subject":"mongodb","text":"version 7","todo":""},)"
          R"({"level":"problem","subject":"qdrant \"x\"","text":"too old","todo":"take another"}]})");
}
