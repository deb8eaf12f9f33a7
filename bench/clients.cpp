// Clients of halcyon's HTTP interface that cost next to nothing themselves: one thread, and nothing is read
// of what they are told but where an answer ends.
//
//   bench_clients PORT STATUS TELEMETRY SLOW     connects as many, prints {"connected":true}, goes on until
//   its
//                                                standard input ends, then prints what it has seen
//
// STATUS clients keep a connection and ask for /v1/status once a second; TELEMETRY ones are websockets that
// are told everything once a second; SLOW ones send half of a request's head, and nothing more.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto period = milliseconds(1000);
constexpr std::string_view ask =
    "GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n";
constexpr std::string_view upgrade =
    "GET /v1/telemetry HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: aGFsY3lvbi1iZW5jaGVzIQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
constexpr std::string_view half = "GET /v1/status HTTP/1.1\r\nHost: 127.0.";

enum class Kind { status, telemetry, slow };

struct Client {
    Kind kind{};
    int fd = -1;
    std::string answer;        // of `status`: what has come of it; empty: it waits for its time
    Clock::time_point due{};   // of `status`: the next question
    Clock::time_point sent{};  // of `status`: the one under way
    bool waits = false;
};

struct Seen {
    std::size_t answers = 0, bytes = 0, closed = 0;
    double worst_ms = 0, sum_ms = 0;
};

int connected(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw std::runtime_error("no socket is left: raise the limit of open files (ulimit -Hn)");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("the port does not answer");
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

void say(int fd, std::string_view text) {
    // What is not taken at once, or by nobody, shows in what comes back.
    static_cast<void>(::send(fd, text.data(), text.size(), MSG_NOSIGNAL));
}

bool whole(std::string_view answer) {
    const auto end = answer.find("\r\n\r\n");
    constexpr std::string_view name = "Content-Length: ";
    const auto at = answer.find(name);
    if (end == answer.npos || at == answer.npos) return false;
    std::size_t bytes = 0;
    const auto* const digits = answer.data() + at + name.size();
    std::from_chars(digits, answer.data() + answer.size(), bytes);
    return answer.size() >= end + 4 + bytes;
}

class Crowd {
  public:
    Crowd(std::uint16_t port, std::size_t status, std::size_t telemetry, std::size_t slow)
        : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        clients_.resize(status + telemetry + slow);
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            auto& c = clients_[i];
            c.kind = i < status ? Kind::status : i < status + telemetry ? Kind::telemetry : Kind::slow;
            c.fd = connected(port);
            epoll_event event{.events = EPOLLIN | EPOLLRDHUP, .data = {.u64 = i}};
            ::epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &event);
            if (c.kind == Kind::telemetry) say(c.fd, upgrade);
            if (c.kind == Kind::slow) say(c.fd, half);
        }
        asking_ = status;
        // Spread over the second.
        for (std::size_t i = 0; i < status; ++i)
            clients_[i].due = Clock::now() + period * static_cast<int>(i) / static_cast<int>(status);
    }

    Seen run() {
        while (!over()) {
            ask_what_is_due();
            std::array<epoll_event, 256> events{};
            const auto count = ::epoll_wait(epoll_, events.data(), events.size(), 5);
            for (int i = 0; i < count; ++i) hear(clients_[events[static_cast<std::size_t>(i)].data.u64]);
        }
        return seen_;
    }

  private:
    static bool over() {
        pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        return ::poll(&input, 1, 0) > 0;
    }

    void ask_what_is_due() {
        const auto now = Clock::now();
        for (std::size_t i = 0; i < asking_; ++i) {
            auto& c = clients_[i];
            if (c.fd < 0 || c.waits || now < c.due) continue;
            say(c.fd, ask);
            c.waits = true;
            c.sent = now;
            c.due = std::max(c.due + period, now);
        }
    }

    void hear(Client& c) {
        if (c.fd < 0) return;
        std::array<char, 65536> bytes{};
        const auto got = ::recv(c.fd, bytes.data(), bytes.size(), 0);
        if (got <= 0) {
            ++seen_.closed;
            ::close(std::exchange(c.fd, -1));
            return;
        }
        seen_.bytes += static_cast<std::size_t>(got);
        if (c.kind != Kind::status) return;
        c.answer.append(bytes.data(), static_cast<std::size_t>(got));
        if (!whole(c.answer)) return;
        c.answer.clear();
        c.waits = false;
        ++seen_.answers;
        const auto ms = std::chrono::duration<double, std::milli>(Clock::now() - c.sent).count();
        seen_.sum_ms += ms;
        seen_.worst_ms = std::max(seen_.worst_ms, ms);
    }

    const int epoll_;
    std::size_t asking_ = 0;
    std::vector<Client> clients_;
    Seen seen_;
};

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 5) {
        std::fprintf(stderr, "bench_clients PORT STATUS TELEMETRY SLOW: see bench/clients.cpp\n");
        return 2;
    }
    const auto number = [&](int i) { return std::strtoul(argv[i], nullptr, 10); };
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    Crowd crowd(static_cast<std::uint16_t>(number(1)), number(2), number(3), number(4));
    std::printf("{\"connected\":true}\n");
    std::fflush(stdout);
    const auto seen = crowd.run();
    std::printf("%s\n",
                fmt::format(R"({{"answers":{},"bytes":{},"closed":{},"worst_ms":{:.3f},"mean_ms":{:.3f}}})",
                            seen.answers, seen.bytes, seen.closed, seen.worst_ms,
                            seen.sum_ms / static_cast<double>(std::max<std::size_t>(seen.answers, 1)))
                    .c_str());
    return 0;
} catch (const std::exception& e) {
    std::fprintf(stderr, "bench_clients failed: %s\n", e.what());
    return 1;
}
