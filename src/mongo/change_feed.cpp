#include "mongo/change_feed.hpp"

#include <fmt/format.h>

#include <deque>

#include "mongo/cursor_thread.hpp"
#include "mongo/feed_reader.hpp"

namespace halcyon::mongo {

struct MongoChangeFeed::Cursor {
    Cursor(Driver& driver, async::Executor executor, FeedPlan plan)
        : outlet(std::make_shared<Outlet<FeedMessage>>(executor)),
          thread(driver, executor, "mongo-feed",
                 [to = outlet, p = std::move(plan)](const std::stop_token& stop) {
                     read_feed(p, stop, [&to](FeedMessage m) { to->put(std::move(m)); });
                 }) {}
    ~Cursor() { outlet->cut(); }
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;

    std::shared_ptr<Outlet<FeedMessage>> outlet;
    CursorThread thread;
    std::optional<Error> failed;
};

MongoChangeFeed::MongoChangeFeed(Driver& driver, async::Executor executor, const async::Clock& clock,
                                 Options options, std::vector<Namespace> namespaces,
                                 std::shared_ptr<async::ByteBudget> budget)
    : driver_(driver),
      executor_(std::move(executor)),
      clock_(clock),
      options_(std::move(options)),
      namespaces_(std::move(namespaces)),
      budget_(std::move(budget)) {}
MongoChangeFeed::~MongoChangeFeed() = default;

Task<Result<>> MongoChangeFeed::open(Position from, Deadline deadline) {
    co_await close();
    cursor_ = std::make_shared<Cursor>(driver_, executor_,
                                       FeedPlan{options_, namespaces_, budget_, std::move(from)});
    auto first = co_await first_message(cursor_->outlet, executor_, deadline.left(clock_));
    if (std::holds_alternative<FeedOpened>(first)) co_return success();
    auto error = std::get<Error>(std::move(first));
    co_await close();
    co_return fail(std::move(error));
}

Task<Result<std::vector<FeedItem>>> MongoChangeFeed::next(std::size_t most) {
    if (!cursor_) co_return fail(Verdict::retry, Cause::unavailable, "the change feed is closed");
    // Its own share: a close meanwhile ends the wait, and then there is no cursor.
    const auto cursor = cursor_;
    std::vector<FeedItem> items;
    if (!cursor->failed) {
        auto messages = co_await cursor->outlet->take(most);
        for (auto& message : messages) {
            if (auto* item = std::get_if<FeedItem>(&message))
                items.push_back(std::move(*item));
            else if (auto* error = std::get_if<Error>(&message); error && !cursor->failed)
                cursor->failed = std::move(*error);
        }
    }
    if (!items.empty()) co_return std::move(items);
    auto error =
        cursor->failed.value_or(Error{Verdict::retry, Cause::unavailable, "the change feed was closed", {}});
    if (cursor == cursor_) co_await close();
    co_return fail(std::move(error));
}

Task<> MongoChangeFeed::close() {
    if (!cursor_) co_return;
    const auto cursor = std::move(cursor_);
    cursor->outlet->cut();
    co_await cursor->thread.stop();
}

}  // namespace halcyon::mongo
