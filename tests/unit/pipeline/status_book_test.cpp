// Of whom something is to be said, and of whom nothing again.
#include <catch2/catch.hpp>

#include "pipeline/decide/status_book.hpp"

using namespace halcyon;
using namespace halcyon::pipeline;
using News = StatusBook::News;
using Keys = std::vector<DocumentKey>;

namespace {

DocumentKey key(int id) { return {{"shop", "items"}, DocId::parse(std::to_string(id)).value()}; }
const CollectionName a("a"), b("b");

}  // namespace

TEST_CASE("a document is said once, however often and wherever it changed; who waits longest comes first") {
    StatusBook book(10);
    book.note(key(2), a, News::behind);
    book.note(key(1), a, News::synced);
    book.note(key(2), a, News::synced);
    book.note(key(2), b, News::synced);
    CHECK(book.waiting() == 2);
    CHECK(book.take(1) == Keys{key(2)});
    book.put_back({key(2)});
    CHECK(book.take(10) == Keys{key(1), key(2)});
    CHECK(book.waiting() == 0);
    CHECK(book.take(10).empty());
}

TEST_CASE("a document that holds what it held is news only when it was behind") {
    StatusBook book(10);
    // Our own write comes back as an event: nothing follows it.
    CHECK_FALSE(book.note(key(1), a, News::unchanged));
    CHECK(book.waiting() == 0);
    book.note(key(1), a, News::behind);
    book.take(10);
    CHECK_FALSE(book.note(key(1), b, News::unchanged));
    CHECK(book.note(key(1), a, News::unchanged));
    book.take(10);
    CHECK_FALSE(book.note(key(1), a, News::unchanged));
    book.note(key(1), a, News::behind);
    book.note(key(1), a, News::synced);
    book.take(10);
    CHECK_FALSE(book.note(key(1), a, News::unchanged));
}

TEST_CASE("a full book takes no more documents, and says how many it left out") {
    StatusBook book(2);
    CHECK(book.note(key(1), a, News::synced));
    CHECK(book.note(key(2), a, News::synced));
    CHECK_FALSE(book.note(key(3), a, News::synced));
    CHECK(book.note(key(1), b, News::behind));
    CHECK(book.dropped() == 1);
    const auto taken = book.take(10);
    CHECK(taken.size() == 2);
    CHECK(book.note(key(3), a, News::synced));
    book.put_back(taken);
    CHECK(book.waiting() == 2);
    CHECK(book.dropped() == 2);
}
