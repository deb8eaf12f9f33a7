// A server that plays bytes: every way in which a peer can misbehave, written down as a list of steps.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/loop.hpp"

namespace halcyon::test {

struct Step {
    enum class Kind {
        read_head,   // until an empty line has come
        read_bytes,  // until `count` bytes have come on this connection, from its beginning
        send,        // `bytes`
        wait_end,    // until the client has closed
        close,       // in good order
        reset,       // with a TCP reset
        hold,        // nothing, until the server is destroyed
    };
    Kind kind = Kind::hold;
    std::string bytes{};
    std::size_t count = 0;
};
inline Step read_head() { return {Step::Kind::read_head}; }
inline Step read_bytes(std::size_t n) { return {Step::Kind::read_bytes, {}, n}; }
inline Step send(std::string bytes) { return {Step::Kind::send, std::move(bytes)}; }
inline Step wait_end() { return {Step::Kind::wait_end}; }
inline Step close() { return {Step::Kind::close}; }
inline Step reset() { return {Step::Kind::reset}; }
inline Step hold() { return {Step::Kind::hold}; }
/// A whole reply with Content-Length.
Step reply(unsigned status, const std::string& body, const std::string& headers = {});

using Script = std::vector<Step>;

/// Connection i plays script i; there are no more than that many. Listens on 127.0.0.1, or on a Unix socket.
class RawServer {
  public:
    RawServer(Loop& loop, std::vector<Script> scripts, std::string unix_path = {});
    ~RawServer();
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;

    std::string url() const;
    std::uint16_t port() const;
    std::size_t accepted() const;
    /// What came over connection i.
    const std::string& received(std::size_t i) const;
    /// Connection i has played its script to the end (`hold` has none).
    bool ended(std::size_t i) const;

  private:
    struct State;
    Loop& loop_;
    std::shared_ptr<State> state_;
};

}  // namespace halcyon::test
