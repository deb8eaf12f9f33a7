// Reading HTTP/1.1 messages from a stream; the only place that knows the parser.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.hpp"
#include "net/stream.hpp"

namespace halcyon::net {

struct MessageLimits {
    std::size_t header_bytes = 0;
    std::size_t body_bytes = 0;
};

/// What came, as far as it came.
struct ReplyRead {
    std::optional<Reply> reply{};  // only if it is whole and well-formed
    bool keep_alive = false;       // the connection is fit for another request
    std::size_t received = 0;      // bytes of it, of whatever form
    std::string trouble{};         // why there is no reply
};

/// The final reply; interim ones (100 Continue and other 1xx) are passed over.
Task<ReplyRead> read_reply(Stream& stream, MessageLimits limits);

/// The requests of one connection, one after the other. Thread rule: the loop.
class RequestReader {
  public:
    enum class Step {
        ok,
        closed,      // the peer left between requests
        broken,      // the peer left, or the stream was closed, in the middle
        malformed,   // not HTTP/1.1, or of a form that two readers could take for different requests
        long_head,   // over the header limit
        large_body,  // over the body limit
    };
    struct Head {
        std::string method;
        std::string target;
        Headers headers;
        bool keep_alive = false;
        bool expects_continue = false;
        bool old = false;            // HTTP/1.0
        std::size_t body_bytes = 0;  // of the body that follows; in chunks: the limit
    };
    /// REQUIRES: `stream` lives longer.
    RequestReader(Stream& stream, MessageLimits limits);
    ~RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;

    /// Until something of the next request has arrived; `ok` or how it ended.
    Task<Step> begin();
    /// REQUIRES: `begin` was ok.
    Task<Step> head();
    /// REQUIRES: `head` was ok.
    Task<Step> body();
    /// Of the request that was read last.
    Head take_head();
    std::string take_body();
    /// What was read behind it: for who takes the stream over.
    std::string take_rest();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// "Not Found"; empty for a status that has no name.
std::string_view reason_of(unsigned status);

}  // namespace halcyon::net
