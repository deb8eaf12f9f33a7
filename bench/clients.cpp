// Clients of halcyon's HTTP interface that cost little themselves: what they make halcyon do is what is
// measured.
//
//   bench_clients PORT PATH CLIENTS PERIOD_MS WEBSOCKETS
//
// CLIENTS connections that are kept alive, each of which asks GET PATH once a period, and websockets on
// /v1/telemetry that want what the dashboard wants, at 1 Hz, compressed as browsers have it. Prints
// {"ready":true} when all are connected and each websocket was told something. Then it does what standard
// input says: "go" begins to ask, "rest" ends that and prints what became of it; its end is the end.
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cpu.hpp"
#include "poll.hpp"
#include "wire.hpp"

namespace {

using namespace halcyon::bench;

constexpr std::uint64_t control = ~std::uint64_t{0};  // standard input, among the numbers of sockets

constexpr std::string_view handshake =
    "GET /v1/telemetry HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";
constexpr std::string_view wanted =
    R"({"type":"subscribe","topics":["pipeline","collections","jobs"],"hz":1})";

double milliseconds(Clock::duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

void send_all(int fd, std::string_view bytes) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(bytes.size()))
        throw std::runtime_error("a small message does not go out: halcyon has closed, or takes nothing");
}

/// A frame of a client with at most 125 bytes. Its mask is zero, which changes nothing.
std::string frame(unsigned opcode, std::string_view payload) {
    std::string out{static_cast<char>(0x80 | opcode), static_cast<char>(0x80 | payload.size()), 0, 0, 0, 0};
    return out.append(payload);
}

struct Asker {
    int fd;
    std::string got{};  // of the reply that is coming
    std::optional<Clock::time_point> asked{};

    /// True: the reply is there, all of it.
    bool take(std::string_view bytes) {
        got += bytes;
        const auto end = got.find("\r\n\r\n");
        if (end == got.npos || got.size() < end + 4 + body_bytes(std::string_view(got).substr(0, end + 4)))
            return false;
        if (!got.starts_with("HTTP/1.1 200")) throw std::runtime_error("not 200: " + got.substr(0, 100));
        got.clear();
        return true;
    }
};

/// A websocket that throws away what it is told.
class Hearer {
  public:
    explicit Hearer(std::uint16_t port) : fd(connect_to(port)) { send_all(fd, handshake); }

    int fd;
    std::uint64_t messages = 0;

    void take(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto skipped = std::min<std::uint64_t>(left_, bytes.size());
            left_ -= skipped;
            bytes.remove_prefix(skipped);
            if (bytes.empty()) return;
            got_ += bytes.front();
            bytes.remove_prefix(1);
            if (!open_)
                opened();
            else
                framed();
        }
    }

  private:
    void opened() {
        if (!got_.ends_with("\r\n\r\n")) return;
        if (!got_.starts_with("HTTP/1.1 101"))
            throw std::runtime_error("no websocket: " + got_.substr(0, 100));
        open_ = true;
        got_.clear();
        send_all(fd, frame(1, wanted));
    }

    /// `got_` is the head of a frame, and all of it if it is one of control.
    void framed() {
        if (got_.size() < 2) return;
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(got_[i]); };
        const unsigned opcode = byte(0) & 15U, size = byte(1) & 127U;
        if (opcode >= 8) {
            if (got_.size() < 2 + size) return;
            if (opcode == 8) throw std::runtime_error("halcyon closed a websocket");
            if (opcode == 9) send_all(fd, frame(10, std::string_view(got_).substr(2)));
        } else {
            const std::size_t more = size == 127 ? 8 : size == 126 ? 2 : 0;
            if (got_.size() < 2 + more) return;
            left_ = more == 0 ? size : 0;
            for (std::size_t i = 2; i < 2 + more; ++i) left_ = left_ << 8 | byte(i);
            if ((byte(0) & 128U) != 0) ++messages;
        }
        got_.clear();
    }

    bool open_ = false;
    std::string got_{};
    std::uint64_t left_ = 0;  // of a frame, to be skipped
};

class Crowd {
  public:
    Crowd(std::uint16_t port, std::string_view path, std::size_t clients, Clock::duration period,
          std::size_t websockets)
        : question_(fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path)),
          step_(period / static_cast<Clock::duration::rep>(std::max<std::size_t>(clients, 1))) {
        for (std::size_t i = 0; i < clients; ++i) askers_.push_back({connect_to(port)});
        for (std::size_t i = 0; i < websockets; ++i) hearers_.emplace_back(port);
        for (std::size_t i = 0; i < clients; ++i) poll_.add(askers_[i].fd, EPOLLIN, i);
        for (std::size_t i = 0; i < websockets; ++i) poll_.add(hearers_[i].fd, EPOLLIN, clients + i);
        poll_.add(STDIN_FILENO, EPOLLIN, control);
        told_if_ready();
    }

    void run() {
        while (!ended_) {
            for (const auto& event : poll_.wait(asking_ ? due_ : Clock::now() + std::chrono::hours(1)))
                event.data.u64 == control ? obey() : hear(event.data.u64);
            while (asking_ && due_ <= Clock::now()) ask();
        }
    }

  private:
    void ask() {
        auto& asker = askers_[next_++ % askers_.size()];
        due_ += step_;
        if (asker.asked) {
            ++unasked_;
            return;
        }
        asker.asked = Clock::now();
        ++under_way_;
        send_all(asker.fd, question_);
    }

    void hear(std::size_t number) {
        const bool asks = number < askers_.size();
        const auto fd = asks ? askers_[number].fd : hearers_[number - askers_.size()].fd;
        const auto got = ::recv(fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (got <= 0)
            throw std::runtime_error(asks ? "halcyon closed a connection" : "halcyon closed a websocket");
        bytes_ += static_cast<std::uint64_t>(got);
        const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(got));
        if (!asks) {
            auto& hearer = hearers_[number - askers_.size()];
            const auto before = hearer.messages;
            hearer.take(bytes);
            messages_ += hearer.messages - before;
            if (before == 0 && hearer.messages > 0) ++told_;
            told_if_ready();
        } else if (auto& asker = askers_[number]; asker.take(bytes)) {
            took_.push_back(Clock::now() - asker.asked.value());
            asker.asked.reset();
            --under_way_;
            if (!asking_ && under_way_ == 0) report();
        }
    }

    void told_if_ready() {
        if (ready_ || told_ < hearers_.size()) return;
        ready_ = true;
        print(R"({"ready":true})");
    }

    void obey() {
        std::array<char, 64> text{};
        const auto got = ::read(STDIN_FILENO, text.data(), text.size());
        if (got <= 0) ended_ = true;
        for (const char c :
             std::string_view(text.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)))) {
            if (c != '\n') {
                word_ += c;
                continue;
            }
            if (word_ == "go") {
                begin();
            } else if (word_ == "rest") {
                asking_ = false;
                ended_at_ = Clock::now();
                if (under_way_ == 0) report();
            }
            word_.clear();
        }
    }

    void begin() {
        took_.clear();
        messages_ = bytes_ = unasked_ = 0;
        cpu_ = halcyon::bench::own_cpu_seconds();
        began_ = due_ = Clock::now();
        asking_ = !askers_.empty();
    }

    void report() {
        std::ranges::sort(took_);
        const auto middle = took_.empty() ? Clock::duration{} : took_[took_.size() / 2];
        const auto worst = took_.empty() ? Clock::duration{} : took_.back();
        print(fmt::format(
            R"({{"seconds":{:.4f},"answered":{},"unasked":{},"p50_ms":{:.3f},"worst_ms":{:.3f},"messages":{},"bytes":{},"cpu":{:.4f}}})",
            milliseconds(ended_at_ - began_) / 1000, took_.size(), unasked_, milliseconds(middle),
            milliseconds(worst), messages_, bytes_, halcyon::bench::own_cpu_seconds() - cpu_));
    }

    static void print(const std::string& line) {
        std::puts(line.c_str());
        std::fflush(stdout);
    }

    Poll poll_;
    std::string question_;
    Clock::duration step_;  // between two questions, whoever asks
    std::vector<Asker> askers_;
    std::vector<Hearer> hearers_;
    std::array<char, 64 * 1024> buffer_{};
    std::string word_;
    bool ready_ = false, asking_ = false, ended_ = false;
    std::size_t told_ = 0, next_ = 0, under_way_ = 0;
    Clock::time_point due_, began_, ended_at_;
    std::vector<Clock::duration> took_;
    std::uint64_t messages_ = 0, bytes_ = 0;
    std::uint64_t unasked_ = 0;  // since the answer to the question before was not there
    double cpu_ = 0;
};

std::size_t number(const char* text) { return std::strtoul(text, nullptr, 10); }

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 6 || number(argv[4]) == 0) {
        std::fprintf(stderr, "bench_clients PORT PATH CLIENTS PERIOD_MS WEBSOCKETS\n");
        return 2;
    }
    Crowd(static_cast<std::uint16_t>(number(argv[1])), argv[2], number(argv[3]),
          std::chrono::milliseconds(number(argv[4])), number(argv[5]))
        .run();
    return 0;
} catch (const std::exception& e) {
    std::fprintf(stderr, "bench_clients failed: %s\n", e.what());
    return 1;
}
