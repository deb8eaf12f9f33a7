#include "devstack/mongo/server.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <charconv>
#include <random>
#include <utility>

#include "devstack/mongo/authorization.hpp"
#include "devstack/mongo/keystring.hpp"

namespace halcyon::devstack::mongo {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t now_seconds() {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count());
}

// What is awaited at most: an idle replica set writes a no-op, so that positions move on.
constexpr std::chrono::seconds noop_period{10};

}  // namespace

// A getMore that waits for its stream.
class Server::Waiting : public std::enable_shared_from_this<Waiting> {
  public:
    Waiting(Server& server, Context& context, std::int64_t id, std::size_t limit, Clock::time_point deadline)
        : server_(server),
          request_(context.request),
          done_(std::move(context.done)),
          id_(id),
          limit_(limit),
          deadline_(deadline),
          timer_(server.loop_) {}

    // True when it has answered.
    bool attempt() {
        const bool late = Clock::now() >= deadline_;
        try {
            Cursor* cursor = server_.cursor(id_);
            if (cursor == nullptr) throw CommandError(237, "cursor was killed");
            ArrayBuilder batch;
            cursor->fill(batch, limit_);
            if (batch.count() == 0 && !late && !cursor->exhausted()) {
                rearm(*static_cast<ChangeStream*>(cursor));
                return false;
            }
            Builder reply;
            server_.append_cursor(reply, *cursor, "nextBatch", batch);
            if (cursor->exhausted()) server_.cursors_.erase(id_);
            timer_.cancel();
            std::exchange(done_, nullptr)(server_.success(reply));
        } catch (const CommandError& error) {
            server_.kill(id_);
            timer_.cancel();
            std::exchange(done_, nullptr)(server_.failure(error));
        }
        return true;
    }

  private:
    // At the deadline, or when the next entry becomes visible, should that be known and come first.
    void rearm(const ChangeStream& stream) {
        Clock::time_point next = deadline_;
        if (const auto visible = stream.next_visible(); visible && *visible > Clock::now())
            next = std::min(next, *visible);
        timer_.expires_at(next);
        timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (error || !self->done_) return;
            if (self->attempt()) std::erase(self->server_.waiting_, self);
        });
    }

    Server& server_;
    std::shared_ptr<Request> request_;
    std::function<void(std::string)> done_;
    std::int64_t id_;
    std::size_t limit_;
    Clock::time_point deadline_;
    boost::asio::steady_timer timer_;
};

Server::Server(boost::asio::io_context& loop, ServerOptions options, Faults& faults)
    : loop_(loop),
      options_(std::move(options)),
      faults_(faults),
      oplog_(options_.oplog_bytes,
             [this] {
                 if (waiting_.empty() || std::exchange(wake_posted_, true)) return;
                 boost::asio::post(loop_, [this] { wake(); });
             }),
      store_(oplog_),
      noop_timer_(loop),
      set_id_(new_uuid().substr(0, 12)),
      started_seconds_(now_seconds()) {
    major_ = std::stoi(options_.version);
    if (!standalone()) tick();
}

Server::~Server() = default;

void Server::tick() {
    noop_timer_.expires_after(noop_period);
    noop_timer_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        if (oplog_.last() == seen_by_noop_) oplog_.append(Entry{});
        seen_by_noop_ = oplog_.last();
        tick();
    });
}

void Server::wake() {
    wake_posted_ = false;
    const auto waiting = waiting_;
    for (const auto& each : waiting) {
        if (each->attempt()) std::erase(waiting_, each);
    }
}

std::string Server::host() const { return options_.bind + ":" + std::to_string(options_.port); }

std::string Server::election_id() const {
    std::string out("\x7f\xff\xff\xff", 4);
    for (int i = 7; i >= 0; --i) out += static_cast<char>(term_ >> (8 * i));
    return out;
}

namespace {
bool at_least(const std::string& version, const std::array<int, 3>& wanted) {
    std::array<int, 3> parts{};
    const char* at = version.data();
    const char* const end = at + version.size();
    for (int& part : parts) {
        at = std::from_chars(at, end, part).ptr;
        if (at != end) ++at;
    }
    return parts >= wanted;
}
}  // namespace

StreamTraits Server::stream_traits() {
    StreamTraits traits;
    traits.history_lost_code =
        options_.history_lost_code != 0 ? options_.history_lost_code : (major_ > 4 ? 286 : 136);
    traits.split_large = at_least(options_.version, {6, 0, 9});
    traits.event_bytes = options_.event_bytes;
    traits.splits = &splits_;
    traits.truncated_arrays = major_ >= 5;
    return traits;
}

namespace {
void append_cluster_time(Builder& out, ClusterTime time) {
    out.begin_document("$clusterTime").timestamp("clusterTime", time).begin_document("signature");
    out.binary("hash", std::string(20, '\0'), 0).add("keyId", std::int64_t{0}).end().end();
}
}  // namespace

std::string Server::success(Builder& reply) const {
    reply.add("ok", 1.0);
    if (!standalone()) {
        append_cluster_time(reply, oplog_.last());
        reply.timestamp("operationTime", oplog_.last());
    }
    return reply.finish();
}

std::string Server::failure(const CommandError& error) const {
    Builder reply;
    if (!error.labels().empty()) {
        reply.begin_array("errorLabels");
        std::size_t i = 0;
        for (const std::string& label : error.labels()) reply.add(Builder::index(i++), label);
        reply.end();
    }
    if (!standalone()) reply.timestamp("operationTime", oplog_.last());
    reply.add("ok", 0.0).add("errmsg", error.what());
    reply.add("code", static_cast<std::int32_t>(error.code())).add("codeName", code_name(error.code()));
    if (!standalone()) append_cluster_time(reply, oplog_.last());
    return reply.finish();
}

void Server::handle(const std::shared_ptr<Request>& request, std::function<void(std::string)> done) {
    try {
        const Commands& commands = all_commands();
        const auto it = commands.find(request->name);
        const bool known = it != commands.end() && (request->name != "hello" || major_ >= 5);
        if (!known) throw CommandError(59, "no such command: '" + request->name + "'");
        run(request, it->second, done);
    } catch (const CommandError& error) {
        done(failure(error));
    }
}

void Server::run(const std::shared_ptr<Request>& request, const Command& command,
                 const std::function<void(std::string)>& done) {
    if (!options_.users.empty() && (command.traits & Command::open_to_all) == 0)
        authorize(options_.users, *request);
    check_fields(*request, command);
    check_concern(*request);
    Context context{*this, request, {}, false, false, done};
    if (request->in_transaction) {
        run_in_transaction(context, command);
    } else if (request->txn_number >= 0 && (command.traits & Command::writes) != 0) {
        if (standalone())
            throw CommandError(20, "Transaction numbers are only allowed on a replica set member or mongos");
        SessionState& state = session(request->lsid);
        if (request->txn_number < state.txn_number)
            throw CommandError(
                225, "Retryable write with txnNumber " + std::to_string(request->txn_number) +
                         " is prohibited on this session because a newer retryable write with txnNumber " +
                         std::to_string(state.txn_number) + " has already started on this session.");
        if (request->txn_number == state.txn_number && !state.reply.empty()) {
            faults_.count("mongodb", "retried_writes");
            context.reply.merge(View(state.reply));
        } else {
            if (state.open) abort(state);
            state.txn_number = request->txn_number;
            state.reply.clear();
            command.run(context);
            Builder copy = context.reply;
            session(request->lsid).reply = copy.finish();
        }
    } else {
        command.run(context);
    }
    if (!context.deferred) done(success(context.reply));
}

void Server::run_in_transaction(Context& context, const Command& command) {
    const Request& request = *context.request;
    if (standalone())
        throw CommandError(20, "Transaction numbers are only allowed on a replica set member or mongos");
    if ((command.traits & Command::transaction) == 0)
        throw CommandError(263, "Cannot run '" + request.name + "' in a multi-document transaction.");
    SessionState& state = session(request.lsid);
    const std::string number = std::to_string(request.txn_number);
    const bool closing = request.name == "commitTransaction" || request.name == "abortTransaction";
    if (request.starts_transaction) {
        if (request.txn_number < state.txn_number)
            throw CommandError(225, "Cannot start transaction " + number +
                                        " on session because a newer transaction " +
                                        std::to_string(state.txn_number) + " has already started.");
        abort(state);
        state = SessionState{};
        state.txn_number = request.txn_number;
        state.open = true;
    } else if (request.txn_number != state.txn_number) {
        throw CommandError(
            251,
            "Given transaction number " + number +
                " does not match any in-progress transactions. The active transaction number is " +
                std::to_string(state.txn_number),
            {"TransientTransactionError"});
    } else if (!state.open && !(closing && state.committed)) {
        throw CommandError(
            state.committed ? 256 : 251,
            "Transaction " + number + (state.committed ? " has been committed." : " has been aborted."),
            state.committed ? std::vector<std::string>{}
                            : std::vector<std::string>{"TransientTransactionError"});
    }
    if (closing) return command.run(context);
    try {
        store_.begin(state.pending);
        command.run(context);
        store_.suspend();
        if (context.write_errors) abort(state);
    } catch (const CommandError&) {
        if (store_.in_transaction()) store_.suspend();
        abort(state);
        throw;
    }
}

void Server::abort(SessionState& state) {
    state.pending.clear();
    state.open = false;
}

void Server::check_concern(const Request& request) const {
    const Value concern = request["readConcern"];
    if (!concern.is_object()) return;
    const Value level = concern.as_document()["level"];
    const std::string name = level.is_string() ? std::string(level.as_string()) : "local";
    if (name != "local" && name != "majority" && name != "snapshot" && name != "linearizable" &&
        name != "available")
        throw CommandError(
            9,
            "readConcern.level must be either 'local', 'majority', 'linearizable', 'available', or "
            "'snapshot'");
    if (name == "snapshot" && !request.in_transaction && major_ < 5)
        throw CommandError(72,
                           "readConcern level snapshot is only valid for the first transaction operation");
    const Value after = concern.as_document()["afterClusterTime"];
    if (after.type == Type::timestamp && load<std::uint64_t>(after.bytes.data()) > oplog_.last()) {
        const auto shown = [](ClusterTime time) {
            return "{ ts: Timestamp(" + std::to_string(seconds_of(time)) + ", " +
                   std::to_string(increment_of(time)) + ") }";
        };
        throw CommandError(
            72,
            "readConcern afterClusterTime value must not be greater than the current clusterTime. Requested "
            "clusterTime: " +
                shown(load<std::uint64_t>(after.bytes.data())) +
                "; current clusterTime: " + shown(oplog_.last()));
    }
}

std::int64_t Server::keep(std::unique_ptr<Cursor> cursor) {
    static std::mt19937_64 random{std::random_device{}()};
    std::int64_t id = 0;
    while (id == 0 || cursors_.contains(id)) id = static_cast<std::int64_t>(random() >> 1);
    cursor->id = id;
    cursors_[id] = std::move(cursor);
    return id;
}

Cursor* Server::cursor(std::int64_t id) {
    const auto it = cursors_.find(id);
    return it == cursors_.end() ? nullptr : it->second.get();
}

bool Server::kill(std::int64_t id) {
    const bool there = cursors_.erase(id) > 0;
    if (there && !waiting_.empty() && !std::exchange(wake_posted_, true))
        boost::asio::post(loop_, [this] { wake(); });
    return there;
}

void Server::append_batch(Builder& reply, Cursor& cursor, std::string_view batch, std::size_t limit) {
    ArrayBuilder items;
    cursor.fill(items, limit);
    append_cursor(reply, cursor, batch, items);
}

void Server::append_cursor(Builder& reply, const Cursor& cursor, std::string_view batch,
                           ArrayBuilder& items) {
    const bool empty = items.count() == 0;
    reply.begin_document("cursor").array(batch, View(items.finish()));
    const auto token = cursor.post_batch_token();
    if (token && !(empty && cursor.exhausted())) reply.add("postBatchResumeToken", View(*token));
    reply.add("id", cursor.exhausted() ? std::int64_t{0} : cursor.id);
    reply.add("ns", cursor.db + "." + cursor.collection).end();
}

void Server::await(Context& context, std::int64_t id, std::size_t limit, std::chrono::milliseconds wait) {
    context.deferred = true;
    auto waiting = std::make_shared<Waiting>(*this, context, id, limit, Clock::now() + wait);
    if (!waiting->attempt()) waiting_.push_back(std::move(waiting));
}

void Server::election() {
    ++term_;
    cursors_.clear();
    for (auto& [lsid, state] : sessions_) abort(state);
    oplog_.append(Entry{});
    wake();
}

void Server::new_identity(std::int64_t back) {
    set_id_ = new_uuid().substr(0, 12);
    store_.renew();
    rewind(back);
}

void Server::rewind(std::int64_t back) {
    cursors_.clear();
    sessions_.clear();
    const std::int64_t seconds = static_cast<std::int64_t>(seconds_of(oplog_.last())) - back;
    oplog_.restart(static_cast<ClusterTime>(seconds) << 32 | 1);
    wake();
}

}  // namespace halcyon::devstack::mongo
