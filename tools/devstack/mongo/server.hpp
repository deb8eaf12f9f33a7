// The server behind the wire: store, oplog, cursors, sessions; commands run on the loop's one thread, one at
// a time.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "devstack/faults.hpp"
#include "devstack/mongo/change_stream.hpp"
#include "devstack/mongo/command.hpp"
#include "devstack/mongo/users.hpp"

namespace halcyon::devstack::mongo {

struct ServerOptions {
    std::string bind = "127.0.0.1";
    std::uint16_t port = 0;                          // 0: one that is free
    std::string replica_set = "rs0";                 // empty: stand-alone, without an oplog
    std::string version = "4.2.8";                   // major.minor.patch
    std::size_t oplog_bytes = 512ULL * 1024 * 1024;  // bytes of entries kept
    int history_lost_code = 0;                       // 136 or 286; 0: as the version does
    std::size_t event_bytes = 16793600;              // of a change event, before it is refused or split
    std::vector<User> users;                         // none: no authorization
};

struct SessionState {
    std::int64_t txn_number = -1;
    std::string reply;  // of the retryable write with that number; empty: none
    bool open = false;  // a transaction
    bool committed = false;
    std::vector<Pending> pending;
};

class Server {
  public:
    Server(boost::asio::io_context& loop, ServerOptions options, Faults& faults);
    ~Server();

    // Runs a command; `done` gets the reply's bytes, now or later.
    void handle(const std::shared_ptr<Request>& request, std::function<void(std::string)> done);
    // The reply of a command that failed.
    std::string failure(const CommandError& error) const;
    // Ends a reply: ok and the times.
    std::string success(Builder& reply) const;

    const ServerOptions& options() const { return options_; }
    bool standalone() const { return options_.replica_set.empty(); }
    int major() const { return major_; }
    StreamTraits stream_traits();
    std::int64_t split_events() const { return splits_.events; }
    std::string host() const;
    void set_port(std::uint16_t port) { options_.port = port; }

    Store& store() { return store_; }
    Oplog& oplog() { return oplog_; }
    Faults& faults() { return faults_; }
    SessionState& session(const std::string& lsid) { return sessions_[lsid]; }
    void end_session(const std::string& lsid) { sessions_.erase(lsid); }
    void abort(SessionState& state);

    // Cursors. `get` returns null where there is none.
    std::int64_t keep(std::unique_ptr<Cursor> cursor);
    Cursor* cursor(std::int64_t id);
    bool kill(std::int64_t id);
    // Answers a getMore of a stream as soon as there is an event, at the latest after `wait`.
    void await(Context& context, std::int64_t id, std::size_t limit, std::chrono::milliseconds wait);

    // {cursor: {<batch>: [..], postBatchResumeToken, id, ns}}; the id is 0 where the cursor has ended.
    void append_batch(Builder& reply, Cursor& cursor, std::string_view batch, std::size_t limit);

    std::int64_t term() const { return term_; }
    std::string election_id() const;
    const std::string& set_id() const { return set_id_; }
    std::uint64_t started_seconds() const { return started_seconds_; }

    // A new primary: cursors and open transactions are gone. The caller cuts the connections.
    void election();
    void lose_history() { oplog_.lose_history(); }
    // Another deployment under the same address: a new set id, collections with new uuids, time that starts
    // `back` seconds ago.
    void new_identity(std::int64_t back);
    // A restored backup: the same deployment at a time `back` seconds ago; documents are for the caller.
    void rewind(std::int64_t back);

  private:
    class Waiting;
    static void append_cursor(Builder& reply, const Cursor& cursor, std::string_view batch,
                              ArrayBuilder& items);
    void run(const std::shared_ptr<Request>& request, const Command& command,
             const std::function<void(std::string)>& done);
    void run_in_transaction(Context& context, const Command& command);
    void check_concern(const Request& request) const;
    void wake();
    void tick();

    boost::asio::io_context& loop_;
    ServerOptions options_;
    int major_ = 4;
    SplitCounter splits_;
    Faults& faults_;
    std::vector<std::shared_ptr<Waiting>> waiting_;
    bool wake_posted_ = false;
    Oplog oplog_;  // behind what it tells of its entries, the first one too
    Store store_;
    std::unordered_map<std::int64_t, std::unique_ptr<Cursor>> cursors_;
    std::unordered_map<std::string, SessionState> sessions_;
    boost::asio::steady_timer noop_timer_;
    ClusterTime seen_by_noop_ = 0;
    std::int64_t term_ = 1;
    std::string set_id_;
    std::uint64_t started_seconds_ = 0;
};

}  // namespace halcyon::devstack::mongo
