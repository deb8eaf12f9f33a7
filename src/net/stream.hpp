// One kind of byte stream for client and server, whatever carries it: TCP, TLS over TCP, a Unix socket.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <memory>
#include <span>
#include <string>

#include "async/task.hpp"

namespace halcyon::net {

namespace asio = boost::asio;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, async::Executor>;
using UnixSocket = asio::basic_stream_socket<asio::local::stream_protocol, async::Executor>;
using ErrorCode = boost::system::error_code;

/// Thread rule: the loop. One read and one write may be under way. When the coroutine is cancelled an
/// operation ends with operation_aborted, and the next suspension throws. The destructor closes.
class Stream {
  public:
    struct Moved {
        ErrorCode error;
        std::size_t bytes = 0;
    };
    using MoveHandler = asio::any_completion_handler<void(ErrorCode, std::size_t)>;
    virtual ~Stream() = default;
    /// TLS: until both sides agree and the peer's certificate was found good. Empty, or what went wrong.
    virtual Task<std::string> handshake() = 0;
    Task<Moved> read_some(asio::mutable_buffer into);
    Task<Moved> write_some(std::span<const asio::const_buffer> from);
    /// The same for callers that are no coroutines. `done` is called on the loop, never inside of the call;
    /// its cancellation slot cancels. REQUIRES: the memory, also that of the list of buffers, lives until
    /// then.
    virtual void start_read(asio::mutable_buffer into, MoveHandler done) = 0;
    virtual void start_write(std::span<const asio::const_buffer> from, MoveHandler done) = 0;
    /// While on, input that arrives ends a write that waits, with operation_aborted: a server that answers
    /// and does not read on is heard before the deadline. TLS ignores it (input need not be an answer there).
    virtual void interrupt_writes(bool on) = 0;
    /// Nothing waits to be read and the peer has not closed: fit for another request.
    virtual bool quiet() const = 0;
    /// What is under way ends with an error.
    virtual void close() = 0;
};

/// Writes all of `from`, which is used up on the way. `bytes` counts what was written, also when it ends with
/// an error. `hear_answers`: see interrupt_writes, for as long as it takes. REQUIRES: the arguments live
/// until it ends.
Task<Stream::Moved> write_all(Stream& stream, std::span<asio::const_buffer> from, bool hear_answers);

std::unique_ptr<Stream> tcp_stream(TcpSocket socket);
std::unique_ptr<Stream> unix_stream(UnixSocket socket);

}  // namespace halcyon::net
