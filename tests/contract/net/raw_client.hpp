// A client that sends bytes as they are, and speaks websocket by hand.
#pragma once

#include <array>
#include <boost/asio/this_coro.hpp>
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/client/connect.hpp"
#include "support/loop.hpp"

namespace halcyon::test {

/// A frame as a client sends it: masked (RFC 6455, 5.2), unless that is left out.
inline std::string frame(unsigned first_byte, std::string_view payload, bool masked = true) {
    std::string out(1, static_cast<char>(first_byte));
    const unsigned mask_bit = masked ? 0x80 : 0;
    if (payload.size() < 126) {
        out += static_cast<char>(mask_bit | payload.size());
    } else {
        const bool large = payload.size() > 0xffff;
        out += static_cast<char>(mask_bit | (large ? 127U : 126U));
        for (int shift = large ? 56 : 8; shift >= 0; shift -= 8)
            out += static_cast<char>(payload.size() >> shift & 0xff);
    }
    constexpr std::array<char, 4> mask{'m', 'a', 's', 'k'};
    if (masked) out.append(mask.data(), mask.size());
    for (std::size_t i = 0; i < payload.size(); ++i)
        out += static_cast<char>(masked ? payload[i] ^ mask[i % mask.size()] : payload[i]);
    return out;
}
inline std::string text_frame(std::string_view text) { return frame(0x81, text); }
inline std::string close_frame(std::uint16_t code) {
    return frame(0x88, std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)});
}

/// The key and its answer are RFC 6455's own.
inline std::string handshake(std::string_view path, std::string_view more = {}) {
    return "GET " + std::string(path) +
           " HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
           std::string(more) + "\r\n";
}

/// What came: a frame of the server, or the end of the connection (opcode 0xff).
struct ServerFrame {
    static constexpr unsigned ended = 0xff;
    unsigned opcode = ended;
    bool compressed = false;
    std::string payload{};
    /// Of a close frame.
    unsigned code() const {
        return payload.size() < 2 ? 0
                                  : static_cast<unsigned>(static_cast<unsigned char>(payload[0]) << 8 |
                                                          static_cast<unsigned char>(payload[1]));
    }
};

class RawClient {
  public:
    static Task<RawClient> to(net::Origin origin, const net::TlsContext* tls = nullptr) {
        auto stream = co_await net::connect(origin, tls, std::chrono::seconds(10),
                                            std::chrono::steady_clock::now() + std::chrono::seconds(10));
        REQUIRE(stream.has_value());
        co_return RawClient(std::move(stream.value()));
    }
    static Task<RawClient> to(std::uint16_t port) {
        return to(net::Origin{.kind = net::Origin::Kind::tcp, .host = "127.0.0.1", .port = port});
    }

    Task<bool> send(std::string bytes) {
        std::array<net::asio::const_buffer, 1> buffers{net::asio::buffer(bytes)};
        co_return !(co_await net::write_all(*stream_, buffers, false)).error;
    }
    /// A head of a reply; what there is if the connection ends.
    Task<std::string> head() {
        while (in_.find("\r\n\r\n") == in_.npos && co_await more()) {
        }
        co_return taken(std::min(in_.find("\r\n\r\n"), in_.size() - 4) + 4);
    }
    /// Until the server closes.
    Task<std::string> all() {
        while (co_await more()) {
        }
        co_return taken(in_.size());
    }
    Task<ServerFrame> next() {
        if (!co_await has(2)) co_return ServerFrame{};
        const auto byte = [this](std::size_t i) { return static_cast<unsigned char>(in_[i]); };
        std::size_t head = 2;
        std::size_t size = byte(1);
        const std::size_t length_bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
        if (!co_await has(head + length_bytes)) co_return ServerFrame{};
        if (length_bytes > 0) size = 0;
        for (std::size_t i = 0; i < length_bytes; ++i) size = size << 8 | byte(head++);
        if (!co_await has(head + size)) co_return ServerFrame{};
        ServerFrame frame{byte(0) & 0x0fU, (byte(0) & 0x40) != 0, {}};
        taken(head);
        frame.payload = taken(size);
        co_return frame;
    }
    void close() { stream_->close(); }

  private:
    explicit RawClient(std::unique_ptr<net::Stream> stream) : stream_(std::move(stream)) {}
    Task<bool> more() {
        std::array<char, 4096> buffer{};
        const auto moved = co_await stream_->read_some(net::asio::buffer(buffer));
        in_.append(buffer.data(), moved.bytes);
        co_return !moved.error;
    }
    Task<bool> has(std::size_t bytes) {
        while (in_.size() < bytes && co_await more()) {
        }
        co_return in_.size() >= bytes;
    }
    std::string taken(std::size_t bytes) {
        auto front = in_.substr(0, bytes);
        in_.erase(0, bytes);
        return front;
    }

    std::unique_ptr<net::Stream> stream_;
    std::string in_{};
};

/// A client behind its handshake.
inline RawClient connected(Loop& loop, std::uint16_t port, std::string_view path = "/",
                           std::string_view more = {}) {
    auto client = loop.wait(RawClient::to(port));
    loop.wait(client.send(handshake(path, more)));
    REQUIRE_THAT(loop.wait(client.head()), Catch::StartsWith("HTTP/1.1 101 "));
    return client;
}

}  // namespace halcyon::test
