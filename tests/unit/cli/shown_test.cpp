// What people read of replies.
#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "cli/commands.hpp"
#include "cli/job.hpp"
#include "cli/watch.hpp"

using namespace halcyon::cli;

namespace {

constexpr auto running =
    R"({"id":"j1","type":"backfill","mode":"full","dry_run":false,"max_pending":6000,"state":"running",
        "collection":"products","namespace":"shop.products","scanned":1234,"estimate":2900,"share":0.42,
        "rate":340.4,"left_s":5,"waits_for":"","created":"2026-11-28T01:00:00.000Z","error":"",
        "routes":[{"from":"shop.products","to":"products","state":"running","scanned":1234,"estimate":2900}],
        "result":null,"cost":null})";

boost::json::object job(const boost::json::object& more = {}) {
    auto out = boost::json::parse(running).as_object();
    for (const auto& [name, value] : more) out[name] = value;
    return out;
}

}  // namespace

TEST_CASE("status tells what goes on, routes, collections and what is asked") {
    CHECK(status_text(R"({"in_sync":false,"streaming":true,"trouble":"","lag_ms":12,"events":1234,
        "embedded_texts":400,"embedding_requests":20,"history":{"left_s":3600,"low":true},
        "vector_cache":{"hits":1,"misses":2,"bytes":1024},
        "routes":[{"from":"shop.products","to":"products","phase":"scanning","scanned":10,"estimate":2000}],
        "collections":[
          {"name":"a","documents":1000,"synced":998,"pending":1,"stale":0,"failed":1,"in_flight":2,"waiting":3,
           "owed":4,"dead_letters":5,"paused":true,"reason":"Qdrant is away"},
          {"name":"b","paused":false,"paused_by_operator":true}],
        "held":[{"guard":"max_embeddings","question":"embed 9?"}],"changes":[{"says":"a route is gone"}]})") ==
          "working; 1,234 events, lag 12 ms, 400 texts embedded in 20 requests\n"
          "history: 1 h 0 min left, which is too little: see docs/operating.md\n"
          "1 vectors were kept from before (3 asked for, 1.0 KiB on disk)\n"
          "\n"
          "ROUTE                      PHASE     SCANNED  OF ABOUT\n"
          "shop.products -> products  scanning       10     2,000\n"
          "\n"
          "COLLECTION  DOCUMENTS  SYNCED  PENDING  STALE  FAILED  IN FLIGHT  WAITING  OWED  DEAD LETTERS  "
          "STATE\n"
          "a               1,000     998        1      0       1          2        3     4             5  "
          "paused: "
          "Qdrant is away\n"
          "b                   0       0        0      0       0          0        0     0             0  "
          "paused by "
          "an operator\n"
          "\nsettings: a route is gone\n"
          "\nheld by max_embeddings: embed 9?\n  `halcyon apply --yes` lets it go on\n");
}

TEST_CASE("a status that is not known is not called fine") {
    const auto text = status_text(
        R"({"in_sync":false,"streaming":false,"trouble":"no primary","lag_ms":null,"history":{"left_s":null,"unknown":"no right"}})");
    CHECK(text.starts_with("waiting: no primary; 0 events, lag unknown, "));
    CHECK(text.find("history: unknown: no right\n") != std::string::npos);
    CHECK(status_text(R"({"stopping":true,"in_sync":true})").starts_with("stopping; "));
    CHECK(status_text(R"({"stopped":true,"collections":[]})").starts_with("stopped; "));
}

TEST_CASE("documents have a column for trouble only where there is some") {
    CHECK(documents_text(R"({"documents":[]})") == "no such documents\n");
    CHECK(documents_text(R"({"documents":[{"collection":"c","namespace":"a.b","id":"5","status":"synced",
        "changed":"2026-01-31T12:00:00.000Z","vector_version":3}]})") ==
          "COLLECTION  NAMESPACE  ID  STATUS  CHANGED (UTC)        VECTOR\n"
          "c           a.b         5  synced  2026-01-31 12:00:00       3\n");
    const auto trouble = documents_text(R"({"documents":[{"collection":"c","namespace":"a.b","id":"5",
        "status":"failed","changed":"2026-01-31T12:00:00.000Z","attempts":2,"dead_letter":true,"code":"E1",
        "error":"too\nlong"}]})");
    CHECK(trouble.find("never       E1    too long\n") != std::string::npos);
}

TEST_CASE("dead letters are a table, or lines for programs") {
    CHECK(letters_text(R"({"letters":[]})") == "no dead letters\n");
    const std::string reply =
        R"({"letters":[{"collection":"c","namespace":"a.b","id":"5","code":"E1","reason":"long"}]})";
    CHECK(letters_text(reply) ==
          "COLLECTION  NAMESPACE  ID  LAST  ATTEMPTS  CODE  REASON\n"
          "c           a.b         5                  E1    long\n");
    CHECK(letter_lines(reply) ==
          R"({"collection":"c","namespace":"a.b","id":"5","code":"E1","reason":"long"})"
          "\n");
}

TEST_CASE("settings are shown with where they come from") {
    CHECK(
        settings_text(R"({"file":"/etc/h.yaml","settings":[{"path":"qdrant.api_key","value":"***","set":true},
                            {"path":"memory","value":"256MiB","set":false}]})") ==
        "/etc/h.yaml\n\n"
        "SETTING         VALUE   FROM\n"
        "qdrant.api_key  ***     set\n"
        "memory          256MiB  default\n");
}

TEST_CASE("an explanation says what each side holds of a document") {
    const auto text =
        explanation_text(R"({"namespace":"a.b","id":"5","known":true,"source":{"found":true,"bytes":10,
        "as_of":"2026-01-31T12:00:00.000Z"},"stream":{"open":false,"trouble":"no primary"},
        "collections":[{"collection":"c","conclusion":"it is in search",
          "route":{"filter":"","phase":"done"},"paused":"","should":null,
          "stored":{"version":"","error":""},"held":{"chunks":0}}],
        "events":[{"at":"2026-01-31T12:00:00.123Z","collection":null,"what":"changed","version":"1.2"}]})");
    for (const auto* part :
         {"a.b 5\n", "holds it, 10 bytes, as of 2026-01-31 12:00:00 UTC", "not open: no primary",
          "it is in search", "scan done; no filter", "receipt  none", "holds nothing of it",
          "2026-01-31 12:00:00.123  stream  changed"}) {
        INFO(part);
        CHECK(text.find(part) != std::string::npos);
    }
}

TEST_CASE("jobs are a table with what they wait for below") {
    CHECK(jobs_text(R"({"jobs":[]})") == "no jobs\n");
    boost::json::array jobs{job(), job({{"id", "j2"}, {"waits_for", "max_pending: 7 wait"}}),
                            job({{"id", "j3"},
                                 {"state", "failed"},
                                 {"share", nullptr},
                                 {"error", "no"},
                                 {"dry_run", true},
                                 {"collection", nullptr},
                                 {"namespace", nullptr}})};
    CHECK(jobs_text(boost::json::serialize(boost::json::object{{"jobs", jobs}})) ==
          "ID  TYPE               MODE  WHAT                         STATE    DONE  SCANNED         RATE   "
          "LEFT   "
          "CREATED (UTC)\n"
          "j1  backfill           full  products from shop.products  running   42%  1,234 of 2,900  340/s  "
          "5.0 s  "
          "2026-11-28 01:00:00\n"
          "j2  backfill           full  products from shop.products  running   42%  1,234 of 2,900  340/s  "
          "5.0 s  "
          "2026-11-28 01:00:00\n"
          "j3  backfill, dry run  full  everything                   failed         1,234 of 2,900           "
          "     "
          "2026-11-28 01:00:00\n"
          "\nj2 waits: max_pending: 7 wait\nj3 failed: no\n");
}

TEST_CASE("a job is shown with its routes and what came of it") {
    const auto one = [](const boost::json::object& more) {
        return job_text(boost::json::serialize(job(more)));
    };
    CHECK(one({}) ==
          "job       j1: backfill, full, products from shop.products\n"
          "state     running\n"
          "progress  42%  1,234 of 2,900  340/s  5.0 s left\n"
          "created   2026-11-28 01:00:00\n"
          "stands    back while more than 6,000 documents wait\n"
          "\n"
          "ROUTE                      STATE    SCANNED  OF ABOUT\n"
          "shop.products -> products  running    1,234     2,900\n");
    const auto done =
        one({{"state", "done"}, {"result", {{"embedded", 1000}, {"written", 2}, {"removed", 0}}}});
    CHECK(done.find("result    1,000 embedded, 2 written, 0 removed\n") != std::string::npos);
    CHECK(done.find("progress") == std::string::npos);
    const auto dry = one({{"state", "done"}, {"cost", {{"documents", 9}, {"embed", 3}, {"tokens", 4000}}}});
    CHECK(dry.find("cost      9 documents, 3 to embed, 4,000 tokens\n") != std::string::npos);
    CHECK(one({{"state", "paused"}}).ends_with("`halcyon jobs resume j1` lets it go on\n"));
    CHECK(one({{"waits_for", "a guard asks"}}).ends_with("`halcyon apply --yes` lets it go on\n"));
}

TEST_CASE("progress is a bar with rate and time left, or why there is none") {
    CHECK(progress_line(job(), 100) == "[########------------]  42%  1,234 of 2,900  340/s  5.0 s left");
    CHECK(progress_line(job(), 40) == "42%  1,234 of 2,900  340/s  5.0 s left");
    CHECK(progress_line(job(), 10) == "42%  1,...");
    CHECK(progress_line(job({{"share", nullptr}, {"estimate", 0}, {"rate", 0}, {"left_s", nullptr}}), 100) ==
          "1,234");
    CHECK(progress_of(job({{"waits_for", "max_pending: 7 wait"}})) ==
          "42%  1,234 of 2,900  waits: max_pending: 7 wait");
    CHECK(progress_of(job({{"waits_for", "a guard asks"}}))
              .ends_with("waits: a guard asks; `halcyon apply --yes`"));
    CHECK(progress_of(job({{"state", "paused"}})).ends_with("paused; `halcyon jobs resume j1`"));
}

TEST_CASE("following a job ends with it, and with a guard's question that nobody sees") {
    CHECK(!end_of_job(job(), false));
    CHECK(!end_of_job(job({{"state", "paused"}}), false));
    CHECK(!end_of_job(job({{"waits_for", "max_pending: 7 wait"}}), false));
    CHECK(end_of_job(job({{"state", "done"}}), false) == Exit::done);
    CHECK(end_of_job(job({{"state", "failed"}}), true) == Exit::failed);
    CHECK(end_of_job(job({{"state", "cancelled"}}), true) == Exit::failed);
    CHECK(end_of_job(job({{"waits_for", "a guard asks"}}), false) == Exit::guard);
    CHECK(!end_of_job(job({{"waits_for", "a guard asks"}}), true));
}

TEST_CASE("a frame is drawn over the one before and never scrolls") {
    CHECK(redrawn("one\ntwo\n", 80, 24) == "\x1b[H\x1b[Kone\n\x1b[Ktwo\n\x1b[J");
    CHECK(redrawn("1\n2\n3\n", 80, 3) == "\x1b[H\x1b[K1\n\x1b[K2\n\x1b[J");
    CHECK(redrawn("longer\x1b[2J", 6, 3) == "\x1b[H\x1b[Klon...\n\x1b[J");
    CHECK(redrawn("", 80, 24) == "\x1b[H\x1b[J");
}
