// A MongoDB server that plays what it is told: it speaks the wire protocol (OP_QUERY for the first handshake,
// OP_MSG after it) and answers commands with given replies. It holds no data.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace halcyon::test {

struct PlayedCommand {
    std::string name;      // "aggregate"
    std::string database;  // from $db
    std::string bson;
};

struct PlayedReply {
    enum class Kind { answer, hang_up, hang };  // hang: no answer until the player is destroyed
    Kind kind = Kind::answer;
    std::string bson{};
};

/// Answers hello, ping, killCursors, endSessions and buildInfo by itself; a getMore without a reply waits for
/// its maxTimeMS and answers with an empty batch; anything else without a reply is CommandNotFound. Thread
/// rule: any.
class MongoPlayer {
  public:
    using Handler = std::function<PlayedReply(const PlayedCommand&)>;

    MongoPlayer();
    ~MongoPlayer();
    MongoPlayer(const MongoPlayer&) = delete;
    MongoPlayer& operator=(const MongoPlayer&) = delete;

    std::string uri(const std::string& credentials = {}) const;
    unsigned port() const { return port_; }
    /// The next `command` gets `reply` (BSON); replies are used in order, before handlers.
    void queue(const std::string& command, std::string reply);
    void queue(const std::string& command, PlayedReply reply);
    void on(const std::string& command, Handler handler);
    /// Extended JSON merged over the answer to hello and isMaster.
    void hello(std::string json);
    /// The post-batch token (hex) of empty batches from now on.
    void idle_token(std::string data);
    /// What came, without handshakes.
    std::vector<PlayedCommand> received(const std::string& command) const;
    std::size_t connections() const;

  private:
    void accept_all();
    void serve(int fd);
    PlayedReply answer(const PlayedCommand& command);
    std::string defaults(const PlayedCommand& command);
    void wait(std::int64_t ms);

    int listener_ = -1;
    unsigned port_ = 0;
    mutable std::mutex mutex_;
    std::condition_variable stopped_;
    bool stop_ = false;
    std::map<std::string, std::deque<PlayedReply>> queued_;
    std::map<std::string, Handler> handlers_;
    std::string hello_ = "{}";
    std::string idle_token_ = "826B00EA88000000092B0229296E04";
    std::vector<PlayedCommand> log_;
    std::vector<int> open_;
    std::size_t accepted_ = 0;
    std::list<std::thread> threads_;
    std::thread acceptor_;
};

/// A cursor reply: {cursor: {id, ns, <batch>: [...], postBatchResumeToken?}, ok: 1} as BSON. `documents` are
/// BSON.
std::string cursor_reply(const std::string& ns, std::int64_t id, bool first,
                         const std::vector<std::string>& documents, const std::string& token = {});
/// {ok: 0, code, errmsg} as BSON.
std::string error_reply(int code, const std::string& message);

}  // namespace halcyon::test
