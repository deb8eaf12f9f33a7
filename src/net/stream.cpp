#include "net/stream.hpp"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "net/completion.hpp"
#include "net/socket_quiet.hpp"

namespace halcyon::net {
namespace {

constexpr auto as_result = asio::as_tuple(async::use_task);
using AsResult = const asio::as_tuple_t<asio::use_awaitable_t<async::Executor>>;

template <class Socket>
class PlainStream final : public Stream {
  public:
    explicit PlainStream(Socket socket) : socket_(std::move(socket)), writing_(std::make_shared<Writing>()) {
        writing_->socket = &socket_;
    }
    ~PlainStream() override { writing_->socket = nullptr; }
    PlainStream(const PlainStream&) = delete;
    PlainStream& operator=(const PlainStream&) = delete;

    Task<std::string> handshake() override { co_return std::string{}; }

    void start_read(asio::mutable_buffer into, MoveHandler done) override {
        socket_.async_read_some(into, on_loop(std::move(done)));
    }

    void start_write(std::span<const asio::const_buffer> from, MoveHandler done) override {
        if (writing_->interrupted) {
            asio::post(socket_.get_executor(), [d = std::move(done)]() mutable {
                std::move(d)(asio::error::operation_aborted, std::size_t{0});
            });
            return;
        }
        writing_->now = true;
        socket_.async_write_some(from, on_loop(std::move(done), [w = writing_] { w->now = false; }));
    }

    void interrupt_writes(bool on) override {
        writing_->interruptible = on;
        writing_->interrupted = false;
        if (!on || writing_->armed) return;
        writing_->armed = true;
        socket_.async_wait(Socket::wait_read, [w = writing_](ErrorCode error) {
            w->armed = false;
            if (error || !w->socket || !w->interruptible) return;
            w->interrupted = true;
            if (w->now) w->socket->cancel();
        });
    }

    bool quiet() const override { return socket_quiet(fd()); }

    void close() override {
        ErrorCode ignored;
        socket_.close(ignored);
    }

  private:
    /// Shared with the wait for input, which may end after the stream.
    struct Writing {
        Socket* socket = nullptr;
        bool armed = false;
        bool interruptible = false;
        bool interrupted = false;
        bool now = false;
    };
    int fd() const { return const_cast<Socket&>(socket_).native_handle(); }

    Socket socket_;
    std::shared_ptr<Writing> writing_;
};

constexpr std::size_t most_buffers = 64;  // Asio passes no more to one system call

/// Drops the first `bytes` of the sequence.
void drop_front(std::span<asio::const_buffer>& left, std::size_t bytes) {
    while (!left.empty() && bytes >= left.front().size()) {
        bytes -= left.front().size();
        left = left.subspan(1);
    }
    if (!left.empty()) left.front() += bytes;
}

}  // namespace

Task<Stream::Moved> Stream::read_some(asio::mutable_buffer into) {
    auto start = [](auto done, Stream* stream, asio::mutable_buffer b) {
        stream->start_read(b, MoveHandler(std::move(done)));
    };
    const auto [error, bytes] =
        co_await asio::async_initiate<AsResult, void(ErrorCode, std::size_t)>(start, as_result, this, into);
    co_return Moved{error, bytes};
}

Task<Stream::Moved> Stream::write_some(std::span<const asio::const_buffer> from) {
    auto start = [](auto done, Stream* stream, std::span<const asio::const_buffer> b) {
        stream->start_write(b, MoveHandler(std::move(done)));
    };
    const auto [error, bytes] =
        co_await asio::async_initiate<AsResult, void(ErrorCode, std::size_t)>(start, as_result, this, from);
    co_return Moved{error, bytes};
}

Task<Stream::Moved> write_all(Stream& stream, std::span<asio::const_buffer> from, bool hear_answers) {
    Stream::Moved total;
    drop_front(from, 0);
    while (!from.empty()) {
        const auto moved = co_await stream.write_some(from.first(std::min(from.size(), most_buffers)));
        total.error = moved.error;
        total.bytes += moved.bytes;
        if (moved.error) break;
        drop_front(from, moved.bytes);
        if (hear_answers && !from.empty()) stream.interrupt_writes(true);
    }
    if (hear_answers) stream.interrupt_writes(false);
    co_return total;
}

bool socket_quiet(int fd) {
    char byte = 0;
    const auto n = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::unique_ptr<Stream> tcp_stream(TcpSocket socket) {
    ErrorCode ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    return std::make_unique<PlainStream<TcpSocket>>(std::move(socket));
}

std::unique_ptr<Stream> unix_stream(UnixSocket socket) {
    return std::make_unique<PlainStream<UnixSocket>>(std::move(socket));
}

}  // namespace halcyon::net
