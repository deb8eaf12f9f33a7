// Faults on demand, one mechanism for every development server: a server asks `fire` once per request and
// obeys.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon::devstack {

enum class FaultAction {
    close_before,  // the connection closes before the request takes effect
    close_after,   // the request takes effect, then the connection closes without an answer
    delay,         // the request takes effect and is answered `ms` later
    delay_before,  // the request takes effect `ms` later
    error,         // the request does not take effect and is answered with the error given
    error_after,   // the request takes effect and is answered with the error given
    hang,          // the request is neither served nor answered; the connection stays open
    hang_after,    // the request takes effect and is not answered; the connection stays open
    pass,          // the request is served and answered as ever: for its name
    down,          // the whole server refuses connections for `ms`
    late,          // the connection closes without an answer; the request takes effect `ms` later
    acknowledged,  // Qdrant: a write is answered `acknowledged` at once and takes effect `ms` later
    wait_timeout,  // Qdrant: a write is answered `wait_timeout` (HTTP 200) and takes effect `ms` later
};

struct Fault {
    std::string server;    // "mongodb" or "qdrant"; empty: any
    std::string match;     // MongoDB: a command's name; Qdrant: prefix of "METHOD /path"; empty: any
    std::string contains;  // the request's body contains this text, e.g. a point's id; empty: any
    std::string name;      // of hang, hang_after, pass: GET /fired tells it when it happens; empty: not told
    FaultAction action = FaultAction::error;
    std::uint64_t count = 1;   // how often it fires; 0: always
    std::uint64_t after = 0;   // how many matching requests pass before it may fire
    double probability = 1.0;  // of firing, once `after` is passed
    std::uint64_t seed = 1;    // of the chance
    std::chrono::milliseconds ms{0};
    int code = 0;                     // MongoDB's error code
    std::string code_name;            // MongoDB's codeName
    std::string message;              // errmsg, or status.error
    std::vector<std::string> labels;  // MongoDB's errorLabels
    unsigned status = 500;            // HTTP
    std::string body;                 // HTTP; empty: the server's own form of an error with `message`
    std::map<std::string, std::string> headers;  // HTTP, e.g. Retry-After
};

// Threads: all on the loop's one thread.
class Faults {
  public:
    Faults();
    ~Faults();

    // Counts the request, and says which fault (if any) it meets. A fault that fired `count` times is gone.
    std::optional<Fault> fire(std::string_view server, std::string_view request, std::string_view body = {});
    void add(Fault fault);
    // Removes the faults of a server, of all when it is empty.
    void clear(std::string_view server = {});
    // The request stands where the fault wants it: `pass`: its answer is written.
    void tell(const Fault& fault);
    using Told = std::function<void(std::vector<std::string>)>;
    // Calls `then` once, with the names that were told and not taken yet, as soon as there is one; never when
    // it is let go or somebody else asks before that.
    void when_told(const std::shared_ptr<Told>& then);
    // Adds to a named figure of GET /state, e.g. count("qdrant", "points_written", 64).
    void count(std::string_view server, std::string_view figure, std::uint64_t amount = 1);

    // {"mongodb":{"requests":{..},"figures":{..},"faults_fired":n,"faults_open":n},"qdrant":{..}}
    std::string state_json() const;
    // The form of POST /faults; one object or an array of them. Throws std::invalid_argument that says what
    // is wrong.
    static std::vector<Fault> parse(const std::string& json);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace halcyon::devstack
