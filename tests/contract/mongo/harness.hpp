// What every contract test of this room needs: the driver, a loop, a feed with its budget.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/pool.hpp"
#include "mongo/change_feed.hpp"
#include "mongo/reader.hpp"
#include "support/loop.hpp"

namespace halcyon::test {

/// The one of this program.
inline mongo::Driver& driver() {
    static mongo::Driver d;
    return d;
}

inline mongo::Options options_for(std::string uri,
                                  std::chrono::milliseconds await = std::chrono::milliseconds(50)) {
    mongo::Options o;
    o.uri = std::move(uri);
    o.await = await;
    o.socket_timeout = std::chrono::milliseconds(5000);
    o.server_selection_timeout = std::chrono::milliseconds(1000);
    o.connect_timeout = std::chrono::milliseconds(1000);
    return o;
}

struct FeedHarness {
    FeedHarness(mongo::Options options, std::vector<Namespace> namespaces, std::size_t capacity = 64 * MiB)
        : budget(std::make_shared<async::ByteBudget>(loop.executor(), capacity)),
          feed(std::make_unique<mongo::MongoChangeFeed>(driver(), loop.executor(), clock, std::move(options),
                                                        std::move(namespaces), budget)) {}
    ~FeedHarness() {
        if (feed) loop.wait(feed->close());
    }
    FeedHarness(const FeedHarness&) = delete;
    FeedHarness& operator=(const FeedHarness&) = delete;

    Result<> open(Position from = {}, std::chrono::milliseconds patience = std::chrono::seconds(10)) {
        return loop.wait(feed->open(std::move(from), in(patience)));
    }
    Result<std::vector<FeedItem>> next(std::size_t most = 100) { return loop.wait(feed->next(most)); }

    /// Items without idle heartbeats until there are `count`; throws what the feed says instead.
    std::vector<FeedItem> events(std::size_t count) {
        std::vector<FeedItem> out;
        while (out.size() < count) {
            auto items = next(count - out.size());
            if (!items) throw std::runtime_error(describe(items.error()));
            for (auto& item : items.value())
                if (item.position.of_event || !std::holds_alternative<Heartbeat>(item.what))
                    out.push_back(std::move(item));
        }
        return out;
    }
    /// The next error; items before it are dropped.
    Error failure() {
        for (;;) {
            auto items = next();
            if (!items) return items.error();
        }
    }

    Loop loop;
    async::SystemClock clock;
    std::shared_ptr<async::ByteBudget> budget;
    std::unique_ptr<mongo::MongoChangeFeed> feed;
};

struct ReaderHarness {
    explicit ReaderHarness(mongo::Options options)
        : reader(driver(), loop.executor(), pool, clock, std::move(options)) {}

    Deadline soon() const { return in(std::chrono::seconds(10)); }

    Loop loop;
    async::SystemClock clock;
    async::ThreadPool pool{2, "test-pool"};
    mongo::MongoReader reader;
};

inline const ChangeEvent& change(const FeedItem& item) { return std::get<ChangeEvent>(item.what); }

}  // namespace halcyon::test
