// Connections that never finish a request.
//
//   bench_slow_clients PORT SILENT DRIBBLING
//
// All connect as fast as they can and send half a head. Then SILENT of them send nothing more, DRIBBLING of
// them a byte a second. Prints {"open":N,"failed":N,"seconds":S} when none is connecting any more, the same
// with {"closed":N} when the other side has closed all of them, and ends. Input that ends is the end, too.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include "poll.hpp"
#include "wire.hpp"

namespace {

using namespace halcyon::bench;

constexpr std::uint64_t control = ~std::uint64_t{0};
constexpr std::size_t other_files = 32;
constexpr std::string_view half = "GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ";

void raise_open_files(std::size_t needed) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur >= needed) return;
    if (files.rlim_max < needed)
        throw std::runtime_error(
            fmt::format("{} files are needed, the hard limit is {}", needed, files.rlim_max));
    files.rlim_cur = needed;
    if (::setrlimit(RLIMIT_NOFILE, &files) != 0) throw std::runtime_error("the limit of open files stays");
}

class Slow {
  public:
    Slow(std::uint16_t port, std::size_t silent, std::size_t dribbling) : port_(port), silent_(silent) {
        raise_open_files(silent + dribbling + other_files);
        sockets_.resize(silent + dribbling, -1);
        poll_.add(STDIN_FILENO, EPOLLIN, control);
    }

    void run() {
        while (!ended_ && closed_ + failed_ < sockets_.size()) {
            // Between the answers, so that they are seen when they come.
            for (std::size_t i = 0; i < at_once && begun_ < sockets_.size(); ++i) connect(begun_++);
            for (const auto& event : poll_.wait(begun_ < sockets_.size() ? Clock::now() : dribble_at_))
                happened(event);
            if (Clock::now() >= dribble_at_) dribble();
        }
    }

  private:
    static constexpr std::size_t at_once = 64;

    void connect(std::size_t i) {
        sockets_[i] = connect_to(port_, false);
        poll_.add(sockets_[i], EPOLLOUT, i);
    }

    void happened(const epoll_event& event) {
        if (event.data.u64 == control) {
            ended_ = true;
            return;
        }
        auto& fd = sockets_[event.data.u64];
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if ((event.events & EPOLLOUT) != 0 && error == 0) {
            ++open_;
            ::send(fd, half.data(), half.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            poll_.wait_for(fd, EPOLLIN | EPOLLRDHUP, event.data.u64);
        } else {
            (event.events & EPOLLOUT) != 0 ? ++failed_ : ++closed_;
            ::close(std::exchange(fd, -1));
        }
        if (!connected_ && open_ + failed_ == sockets_.size()) {
            connected_ = true;
            tell("open", open_);
        }
        if (connected_ && closed_ == open_) tell("closed", closed_);
    }

    void dribble() {
        for (std::size_t i = silent_; i < begun_; ++i)
            if (sockets_[i] >= 0) ::send(sockets_[i], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        dribble_at_ += std::chrono::seconds(1);
    }

    void tell(std::string_view what, std::size_t count) const {
        const auto seconds = std::chrono::duration<double>(Clock::now() - began_).count();
        fmt::print("{{\"{}\":{},\"failed\":{},\"seconds\":{:.3f}}}\n", what, count, failed_, seconds);
        std::fflush(stdout);
    }

    Poll poll_;
    std::uint16_t port_;
    std::size_t silent_;
    std::vector<int> sockets_;  // -1: not yet, or no more
    std::size_t begun_ = 0, open_ = 0, failed_ = 0, closed_ = 0;
    bool connected_ = false, ended_ = false;
    Clock::time_point began_ = Clock::now(), dribble_at_ = began_ + std::chrono::seconds(1);
};

std::size_t number(const char* text) { return std::strtoul(text, nullptr, 10); }

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 4) {
        std::fprintf(stderr, "bench_slow_clients PORT SILENT DRIBBLING\n");
        return 2;
    }
    Slow(static_cast<std::uint16_t>(number(argv[1])), number(argv[2]), number(argv[3])).run();
    return 0;
} catch (const std::exception& e) {
    std::fprintf(stderr, "bench_slow_clients failed: %s\n", e.what());
    return 1;
}
