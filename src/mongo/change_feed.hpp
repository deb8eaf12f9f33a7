// MongoDB's change stream as the port ChangeFeed.
#pragma once

#include <memory>
#include <vector>

#include "core/ports/change_feed.hpp"
#include "mongo/driver.hpp"
#include "mongo/options.hpp"

namespace halcyon::mongo {

/// One stream, of the narrowest level that covers `namespaces` (collection, database, deployment), read by
/// one thread. MongoDB's invalidations are hidden: the stream is taken up again behind them. Events over 16
/// MB come whole where the server can split them, else as `needs_read`. Elections and lost connections are
/// bridged by the driver where it can, else they are errors with the verdict retry. Thread rule: the loop.
/// The destructor does not wait.
class MongoChangeFeed final : public ChangeFeed {
  public:
    /// `budget` is what read and not yet settled events may hold; it may be shared.
    /// REQUIRES: `driver` and `clock` outlive the feed; at least one namespace.
    MongoChangeFeed(Driver& driver, async::Executor executor, const async::Clock& clock, Options options,
                    std::vector<Namespace> namespaces, std::shared_ptr<async::ByteBudget> budget);
    ~MongoChangeFeed() override;

    Task<Result<>> open(Position from, Deadline deadline) override;
    Task<Result<std::vector<FeedItem>>> next(std::size_t most) override;
    Task<> close() override;

  private:
    struct Cursor;
    Driver& driver_;
    async::Executor executor_;
    const async::Clock& clock_;
    const Options options_;
    const std::vector<Namespace> namespaces_;
    const std::shared_ptr<async::ByteBudget> budget_;
    std::shared_ptr<Cursor> cursor_;
};

}  // namespace halcyon::mongo
