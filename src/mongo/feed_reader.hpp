// The blocking half of the change feed: one cursor, read event by event on its own thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "async/budget.hpp"
#include "base/result.hpp"
#include "core/event.hpp"
#include "mongo/options.hpp"
#include "mongo/protocol.hpp"

namespace halcyon::mongo {

struct FeedOpened {};
/// `Error` is the last message.
using FeedMessage = std::variant<FeedOpened, FeedItem, Error>;

struct FeedPlan {
    Options options;
    std::vector<Namespace> namespaces;
    std::shared_ptr<async::ByteBudget> budget;
    Position from;
};

/// Reads until `stop` or an error, and hands each event over at once (the call after the last event of a
/// batch blocks for `await`). Waits for budget before each event. What `put` gets, in order: FeedOpened once
/// the server has accepted the position; items; an Error. Thread rule: blocking; a thread of its own.
void read_feed(const FeedPlan& plan, const std::stop_token& stop,
               const std::function<void(FeedMessage)>& put);

}  // namespace halcyon::mongo
