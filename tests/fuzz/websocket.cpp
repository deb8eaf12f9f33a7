// A client's frames as the server reads them behind a handshake: whatever comes, messages are UTF-8 within
// the limit, and what goes back is websocket. Front: how many bytes arrive at once (1 byte), compression (1
// byte: 0 no, 1 yes); then the frames.
#include <memory>
#include <string>

#include "fuzz/fuzz.hpp"
#include "fuzz/served.hpp"
#include "net/json.hpp"

namespace halcyon::fuzz {
namespace {

constexpr std::size_t most_bytes = 2000;

/// What the handler saw and did.
struct Seen {
    std::size_t upgraded = 0;
    std::size_t messages = 0;
};

std::size_t marks_in(std::string_view text) {
    std::size_t marks = 0;
    for (auto at = text.find("\xEF\xBF\xBD"); at != text.npos; at = text.find("\xEF\xBF\xBD", at + 1))
        ++marks;
    return marks;
}

/// JSON text has a mark for each byte that is not UTF-8.
bool is_utf8(std::string_view text) { return marks_in(net::json_string(text)) == marks_in(text); }

Task<> echoes(Seen* seen, std::shared_ptr<net::WebSocket> socket) {
    ++seen->upgraded;
    while (const auto message = co_await socket->receive()) {
        ++seen->messages;
        HOLDS(message->size() <= most_bytes);
        HOLDS(is_utf8(*message));
        if (!co_await socket->send(*message)) break;
    }
    HOLDS(!socket->open());
    HOLDS(!co_await socket->receive());
    HOLDS(!co_await socket->send("more"));
}

Task<net::ServerReply> upgrades(Seen* seen, net::ServerRequest request) {
    HOLDS(request.websocket);
    net::ServerReply reply;
    reply.upgrade = [seen](std::shared_ptr<net::WebSocket> s) { return echoes(seen, std::move(s)); };
    co_return reply;
}

std::string written_by(std::string_view bytes, std::size_t piece, Seen& seen) {
    net::Service service;
    service.options.websocket.message_bytes = most_bytes;
    service.handler = [&seen](net::ServerRequest r) { return upgrades(&seen, std::move(r)); };
    auto written = served(service, bytes, piece);
    HOLDS(service.websockets == 0);
    return written;
}

/// Takes the server's frames apart; the number of messages that it began.
std::size_t messages_in(std::string_view frames, bool compressed) {
    std::size_t messages = 0;
    bool closed = false;
    while (!frames.empty()) {
        HOLDS(!closed);
        HOLDS(frames.size() >= 2);
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(frames[i]); };
        const unsigned opcode = byte(0) & 0x0fU;
        HOLDS(opcode == 0 || opcode == 1 || opcode == 8 || opcode == 10);
        HOLDS((byte(0) & 0x30U) == 0);
        HOLDS((byte(0) & 0x40U) == 0 || (compressed && opcode == 1));
        std::size_t size = byte(1);  // with a mask it would be 128 at least
        HOLDS(size < 127);
        std::size_t head = 2;
        if (size == 126) {
            HOLDS(frames.size() >= 4);
            size = static_cast<std::size_t>(byte(2)) << 8 | byte(3);
            head = 4;
        }
        HOLDS(frames.size() >= head + size);
        HOLDS(opcode < 8 || size < 126);
        closed = opcode == 8;
        messages += opcode == 1;
        frames.remove_prefix(head + size);
    }
    return messages;
}

}  // namespace

void run(Input input) {
    const std::size_t piece = 7 * input.choice(64);  // 0: all
    const bool compressed = input.choice(2) == 1;
    const std::string extensions =
        compressed ? "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" : "";
    const std::string bytes =
        "GET /live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
        extensions + "\r\n" + std::string(input.rest());
    Seen seen;
    const auto written = written_by(bytes, piece, seen);
    const auto head = written.find("\r\n\r\n");
    HOLDS(written.starts_with("HTTP/1.1 101 ") && head != written.npos);
    HOLDS(seen.upgraded == 1);
    HOLDS(messages_in(std::string_view(written).substr(head + 4), compressed) == seen.messages);
}

}  // namespace halcyon::fuzz
