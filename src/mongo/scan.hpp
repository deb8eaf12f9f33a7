// A scan of a range of `_id`s on a thread of its own.
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "core/ports/document_reader.hpp"
#include "mongo/client.hpp"
#include "mongo/cursor_thread.hpp"

namespace halcyon::mongo {

struct ScanOpened {
    ClusterTime at{};
};
struct ScanEnded {};
/// `ScanEnded` or `Error` is the last message.
using ScanMessage = std::variant<ScanOpened, ScannedDocument, ScanEnded, Error>;

/// Opened in two steps, so that a failure can be a value: construct, then `open`. Thread rule: the loop. The
/// destructor does not wait.
class MongoScan final : public Scan {
  public:
    MongoScan(Driver& driver, async::Executor executor, std::shared_ptr<Clients> clients, Namespace ns,
              IdRange range, ClusterTime not_before);
    ~MongoScan() override;

    Task<Result<>> open(async::Executor executor, Duration patience);
    ClusterTime at() const override { return at_; }
    Task<Result<std::vector<ScannedDocument>>> next(std::size_t most) override;
    Task<> close() override;

  private:
    std::shared_ptr<Outlet<ScanMessage>> outlet_;
    CursorThread thread_;
    ClusterTime at_{};
    bool closed_ = false;
    bool ended_ = false;
    std::optional<Error> failed_;
};

}  // namespace halcyon::mongo
