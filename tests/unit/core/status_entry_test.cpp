#include <catch2/catch.hpp>

#include "core/ports/status_writer.hpp"

using namespace halcyon;

TEST_CASE("what is written of a document is what is stored of it") {
    Stored s;
    CHECK_FALSE(status_entry(s));
    s.receipt = Receipt{};
    s.receipt->text = digest_of("text");
    s.receipt->at = {1000};
    s.receipt->embeddings = 2;
    auto e = status_entry(s).value();
    CHECK(e.status == SyncStatus::synced);
    CHECK(e.last_synced.ms == 1000);
    CHECK(e.last_attempt.ms == 1000);
    CHECK(e.vector_version == 2);
    const auto hash = e.content_hash;
    CHECK(hash.size() == 32);
    s.receipt->payload = digest_of("payload");
    CHECK(status_entry(s)->content_hash != hash);

    s.owed = Owed{};
    s.owed->reason = "Qdrant is away";
    s.owed->since = {2000};
    e = status_entry(s).value();
    CHECK(e.status == SyncStatus::stale);
    CHECK(e.last_error == "Qdrant is away");
    CHECK(e.last_synced.ms == 1000);
    CHECK(e.last_attempt.ms == 2000);

    s.letter = DeadLetter{};
    s.letter->code = ErrorCode::validation_error;
    s.letter->reason = "too long";
    s.letter->attempts = 4;
    e = status_entry(s).value();
    CHECK(e.status == SyncStatus::failed);
    CHECK(e.code == ErrorCode::validation_error);
    CHECK(e.last_error == "too long");
    CHECK(e.retries == 4);

    Stored deleted;
    deleted.receipt = Receipt{};
    deleted.receipt->deleted = true;
    CHECK_FALSE(status_entry(deleted));
}
