// What a deployment holds, for somebody who has no settings yet.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/document.hpp"
#include "core/key.hpp"
#include "mongo/options.hpp"

namespace halcyon::mongo {

class Clients;

struct ListedCollection {
    Namespace ns;
    /// Why it cannot be a route's: "a view", "time series", ..; empty: it can.
    std::string unfit;
};

struct CollectionLook {
    std::uint64_t documents = 0;      // an estimate
    std::uint64_t average_bytes = 0;  // of a document; of the sample where the server does not tell
    std::vector<Document> sample;     // all there are, if those are at most as many as were asked for
};

/// Asks, without writing anything. Every call blocks, each of its requests bounded by the options' time-outs:
/// for the pool, or a program without a loop. Thread rule: one thread at a time. REQUIRES: a Driver exists.
class Surveyor {
  public:
    explicit Surveyor(Options options);
    ~Surveyor();
    Surveyor(const Surveyor&) = delete;
    Surveyor& operator=(const Surveyor&) = delete;

    /// "rs0/..", "sharded/..". Errors: {fatal, unsupported} for a stand-alone server, with the way out;
    /// {retry, unavailable} where nobody answers; {fatal, unauthorized}.
    Result<std::string> deployment();
    /// Those that the user may read, without admin, config and local, by name.
    Result<std::vector<std::string>> databases();
    /// By name. A database that is not there has none.
    Result<std::vector<ListedCollection>> collections(const std::string& database);
    /// At most `most` documents, by chance where there are more, and at most 2 MiB of them (but one).
    /// `limit`: for all requests together. Errors: unauthorized, timeout, unavailable.
    Result<CollectionLook> look(const Namespace& ns, std::size_t most, std::chrono::milliseconds limit);

  private:
    std::shared_ptr<Clients> clients_;
};

}  // namespace halcyon::mongo
