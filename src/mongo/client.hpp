// Connections to MongoDB: made, lent and asked. Blocking: for cursor threads and the pool.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/version.hpp"
#include "mongo/bson.hpp"
#include "mongo/errors.hpp"
#include "mongo/options.hpp"

struct _bson_error_t;
struct _mongoc_client_t;
struct _mongoc_client_session_t;

namespace halcyon::mongo {

struct Destroy {
    void operator()(_mongoc_client_t* client) const;
    void operator()(_mongoc_client_session_t* session) const;
};
/// One thread at a time.
using Client = std::unique_ptr<_mongoc_client_t, Destroy>;
/// REQUIRES: dies before its client.
using Session = std::unique_ptr<_mongoc_client_session_t, Destroy>;

/// A client of its own, without a connection yet (the first call makes it). Errors: fatal/invalid.
Result<Client> make_client(const Options& options);

/// What libmongoc says of a failed call; `reply`: the server's answer, if there is one.
Failure failure_of(const _bson_error_t& error, const bson_t* reply);

/// Nothing: it went well, and `reply` holds the answer.
std::optional<Failure> run(_mongoc_client_t* client, const char* database, const Bson& command,
                           _mongoc_client_session_t* session, Bson& reply);

/// A causally consistent session and the deployment's operation time now (from a ping), but not before
/// `not_before`: what is read in it with `majority` contains every change up to `at`.
struct ReadPoint {
    Session session;
    ClusterTime at{};
};
struct ReadPointOrFailure {
    std::optional<ReadPoint> point;
    Failure failure{};
};
ReadPointOrFailure read_point(_mongoc_client_t* client, ClusterTime not_before);

/// Lends clients to threads and takes them back. One that failed is not taken back: its connection may be in
/// an unknown state, and a new one looks at the deployment afresh. Thread rule: any.
class Clients : public std::enable_shared_from_this<Clients> {
  public:
    explicit Clients(Options options) : options_(std::move(options)) {}
    const Options& options() const { return options_; }

    class Lent {
      public:
        Lent(std::shared_ptr<Clients> owner, Client client)
            : owner_(std::move(owner)), client_(std::move(client)) {}
        Lent(Lent&&) noexcept = default;
        Lent& operator=(Lent&&) = delete;
        ~Lent() = default;
        _mongoc_client_t* get() const { return client_.get(); }
        /// All went well: it may be used again.
        void give_back();

      private:
        std::shared_ptr<Clients> owner_;
        Client client_;
    };
    Result<Lent> borrow();

  private:
    const Options options_;
    std::mutex mutex_;
    std::vector<Client> idle_;
};

}  // namespace halcyon::mongo
