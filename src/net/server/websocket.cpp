#include <array>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <utility>

#include "async/waiter.hpp"
#include "net/json.hpp"
#include "net/server/server_websocket.hpp"
#include "net/watch.hpp"

namespace halcyon::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

constexpr auto as_result = asio::as_tuple(async::use_task);
using AsResult = const asio::as_tuple_t<asio::use_awaitable_t<async::Executor>>;
// Per connection with compression: 16 KiB for the window and 16 KiB for the tables, instead of 256 KiB.
constexpr int window_bits = 12;
constexpr int memory_level = 4;
constexpr int compression_level = 5;
constexpr std::size_t smallest_compressed = 256;  // a frame of less hardly shrinks
constexpr std::size_t most_reserved = 16 * KiB;   // at once for what comes
constexpr std::uint16_t invalid_text = 1007;      // RFC 6455, 7.4.1
constexpr std::size_t longest_reason = 123;       // RFC 6455, 5.5: 125 bytes with the code

/// What Beast wants of a stream. First come the bytes that were read before it was there.
class AsyncStream {
  public:
    using executor_type = async::Executor;

    AsyncStream(std::shared_ptr<Stream> stream, executor_type executor, std::string already_read)
        : stream_(std::move(stream)),
          executor_(std::move(executor)),
          already_read_(std::move(already_read)) {}

    executor_type get_executor() const noexcept { return executor_; }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        asio::mutable_buffer into;
        for (const auto buffer : beast::buffers_range_ref(buffers))
            if (into.size() == 0) into = buffer;
        return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
            [](auto done, AsyncStream* self, asio::mutable_buffer b) {
                self->read(b, Stream::MoveHandler(std::move(done)));
            },
            token, this, into);
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        std::size_t n = 0;
        for (const auto buffer : beast::buffers_range_ref(buffers))
            if (buffer.size() > 0 && n < from_.size()) from_[n++] = buffer;
        return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
            [](auto done, AsyncStream* self, std::size_t count) {
                self->stream_->start_write(std::span(self->from_).first(count),
                                           Stream::MoveHandler(std::move(done)));
            },
            token, this, n);
    }

    friend void beast_close_socket(AsyncStream& self) { self.stream_->close(); }

    /// Whoever serves the connection closes it.
    template <class Done>
    friend void async_teardown(beast::role_type, AsyncStream& self, Done&& done) {
        asio::post(self.executor_, beast::bind_front_handler(std::forward<Done>(done), ErrorCode{}));
    }

  private:
    void read(asio::mutable_buffer into, Stream::MoveHandler done) {
        const auto bytes = asio::buffer_copy(into, asio::buffer(already_read_));
        if (bytes == 0) return stream_->start_read(into, std::move(done));
        already_read_.erase(0, bytes);
        asio::post(executor_, [d = std::move(done), bytes]() mutable { std::move(d)(ErrorCode{}, bytes); });
    }

    std::shared_ptr<Stream> stream_;
    executor_type executor_;
    std::string already_read_;
    std::array<asio::const_buffer, 8> from_{};  // of the write that is under way
};

/// Calls `start(handler)` of a Beast operation and waits for its end. Beast completes some operations inside
/// of the call that cancels them, where nobody expects a coroutine to go on: completion is always posted
/// here.
template <class Start>
Task<ErrorCode> posted(async::Executor executor, Start start) {
    auto initiate = [](auto done, async::Executor e, Start s) {
        asio::any_completion_handler<void(ErrorCode)> erased(std::move(done));
        const auto slot = asio::get_associated_cancellation_slot(erased);
        s(asio::bind_cancellation_slot(slot,
                                       [e, d = std::move(erased)](ErrorCode error, const auto&...) mutable {
                                           asio::post(e, [error, h = std::move(d)]() mutable {
                                               asio::get_associated_cancellation_slot(h).clear();
                                               std::move(h)(error);
                                           });
                                       }));
    };
    const auto [error] = co_await asio::async_initiate<AsResult, void(ErrorCode)>(
        initiate, as_result, std::move(executor), std::move(start));
    co_return error;
}

/// Not in the middle of a character.
std::string_view shortened(std::string_view reason) {
    if (reason.size() <= longest_reason) return reason;
    auto end = longest_reason;
    while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xc0) == 0x80) --end;
    return reason.substr(0, end);
}

class BeastWebSocket final : public ServerWebSocket, public std::enable_shared_from_this<BeastWebSocket> {
  public:
    BeastWebSocket(std::shared_ptr<Stream> stream, async::Executor executor, std::string already_read,
                   WebSocketOptions options)
        : stream_(std::move(stream)),
          executor_(std::move(executor)),
          options_(options),
          socket_(stream_, executor_, std::move(already_read)),
          closed_(executor_) {
        websocket::stream_base::timeout timeout{};
        timeout.handshake_timeout = options_.send_time;
        timeout.idle_timeout = options_.idle_time;
        timeout.keep_alive_pings = true;
        socket_.set_option(timeout);
        websocket::permessage_deflate deflate;
        deflate.server_enable = options_.compress;
        deflate.server_max_window_bits = deflate.client_max_window_bits = window_bits;
        deflate.server_no_context_takeover = deflate.client_no_context_takeover = true;
        deflate.compLevel = compression_level;
        deflate.memLevel = memory_level;
        deflate.msg_size_threshold = smallest_compressed;
        socket_.set_option(deflate);
        socket_.read_message_max(options_.message_bytes);
        socket_.auto_fragment(false);
        socket_.text(true);
    }
    ~BeastWebSocket() override { stream_->close(); }
    BeastWebSocket(const BeastWebSocket&) = delete;
    BeastWebSocket& operator=(const BeastWebSocket&) = delete;

    Task<bool> accept(UpgradeRequest asked, std::vector<Header> headers) {
        const auto self = shared_from_this();
        http::request<http::empty_body> request(http::verb::get, asked.target, 11);
        request.set(http::field::host, asked.host);
        request.set(http::field::connection, "upgrade");
        request.set(http::field::upgrade, "websocket");
        request.set(http::field::sec_websocket_key, asked.key);
        request.set(http::field::sec_websocket_version, asked.version);
        if (!asked.extensions.empty()) request.set(http::field::sec_websocket_extensions, asked.extensions);
        socket_.set_option(
            websocket::stream_base::decorator([h = std::move(headers)](websocket::response_type& reply) {
                reply.set(http::field::server, "halcyon");
                for (const auto& [name, value] : h) reply.insert(name, value);
            }));
        const auto error =
            co_await posted(executor_, [&](auto done) { socket_.async_accept(request, std::move(done)); });
        if (error) end();
        co_return !error;
    }

    Task<std::optional<std::string>> receive() override {
        const auto self = shared_from_this();
        std::string text;
        if (!open()) co_return std::nullopt;
        auto buffer = asio::dynamic_buffer(text);
        do {
            // Never as much as a frame announces: Beast would reserve it (with compression, as of 1.81).
            const auto error = co_await posted(executor_, [&](auto done) {
                socket_.async_read_some(buffer, most_reserved, std::move(done));
            });
            end_if_cancelled(co_await asio::this_coro::cancellation_state);
            if (error) {
                heard_end_ = true;
                refused_ = error.category() == ErrorCode(websocket::error::closed).category() &&
                           error != websocket::error::closed;
                co_return std::nullopt;
            }
        } while (!socket_.is_message_done());
        // Beast overlooks a character that is cut off when the last fragment is empty.
        if (socket_.got_text() && is_utf8(text)) co_return text;
        if (socket_.got_text())
            co_await close(invalid_text, "a message is not UTF-8");
        else
            co_await close(close_code::unsupported_data, "messages are text here");
        co_return std::nullopt;
    }

    Task<bool> send(std::string_view text) override {
        const auto self = shared_from_this();
        if (!open()) co_return false;
        const Watch watch(executor_, steady_now() + options_.send_time, [this] { end(); });
        const auto error = co_await posted(
            executor_, [&](auto done) { socket_.async_write(asio::buffer(text), std::move(done)); });
        end_if_cancelled(co_await asio::this_coro::cancellation_state);
        co_return !error;
    }

    Task<> close(std::uint16_t code, std::string_view reason) override {
        const auto self = shared_from_this();
        if (!open()) co_return;
        said_end_ = true;
        const Closing closing(*this);
        const Watch watch(executor_, steady_now() + options_.send_time, [this] { end(); });
        const auto text = shortened(reason);
        const websocket::close_reason why(static_cast<websocket::close_code>(code),
                                          beast::string_view(text.data(), text.size()));
        co_await posted(executor_, [&](auto done) { socket_.async_close(why, std::move(done)); });
        end_if_cancelled(co_await asio::this_coro::cancellation_state);
        heard_end_ = true;
    }

    Task<> settled() override {
        const auto self = shared_from_this();
        if (closing_) co_await closed_.wait();
    }

    bool open() const override { return !said_end_ && !heard_end_; }
    bool refused() const override { return refused_; }
    void end() override {
        heard_end_ = true;
        stream_->close();
    }

  private:
    struct Closing {
        BeastWebSocket& socket;
        explicit Closing(BeastWebSocket& s) : socket(s) { socket.closing_ = true; }
        ~Closing() {
            socket.closing_ = false;
            socket.closed_.notify();
        }
        Closing(const Closing&) = delete;
        Closing& operator=(const Closing&) = delete;
    };

    /// A frame may be half read or half written: nothing sensible can follow.
    void end_if_cancelled(const asio::cancellation_state& state) {
        if (state.cancelled() != asio::cancellation_type::none) end();
    }

    std::shared_ptr<Stream> stream_;
    async::Executor executor_;
    WebSocketOptions options_;
    websocket::stream<AsyncStream, true> socket_;
    async::Event closed_;
    bool closing_ = false;
    bool said_end_ = false;
    bool heard_end_ = false;
    bool refused_ = false;
};

}  // namespace

Task<std::shared_ptr<ServerWebSocket>> accept_websocket(std::shared_ptr<Stream> stream,
                                                        UpgradeRequest request, std::vector<Header> headers,
                                                        std::string already_read, WebSocketOptions options) {
    const auto made = std::make_shared<BeastWebSocket>(std::move(stream), co_await asio::this_coro::executor,
                                                       std::move(already_read), options);
    if (!co_await made->accept(std::move(request), std::move(headers))) co_return nullptr;
    co_return made;
}

}  // namespace halcyon::net
