// Many sockets of the loopback, one thread.
#pragma once

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <span>
#include <stdexcept>

namespace halcyon::bench {

using Clock = std::chrono::steady_clock;

class Poll {
  public:
    Poll() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (fd_ < 0) throw std::runtime_error("no epoll");
    }
    ~Poll() { ::close(fd_); }
    Poll(const Poll&) = delete;
    Poll& operator=(const Poll&) = delete;

    /// `number` comes back as `data.u64` of what happens. A file that is closed is forgotten.
    void add(int fd, std::uint32_t events, std::uint64_t number) {
        change(EPOLL_CTL_ADD, fd, events, number);
    }
    void wait_for(int fd, std::uint32_t events, std::uint64_t number) {
        change(EPOLL_CTL_MOD, fd, events, number);
    }

    /// What happened, valid until the next call; empty when it is `until`.
    std::span<const epoll_event> wait(Clock::time_point until) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        const auto count = ::epoll_wait(fd_, events_.data(), static_cast<int>(events_.size()),
                                        static_cast<int>(std::clamp<long>(left, 0, 60'000)));
        if (count < 0 && errno != EINTR) throw std::runtime_error("epoll failed");
        return {events_.data(), static_cast<std::size_t>(std::max(count, 0))};
    }

  private:
    void change(int what, int fd, std::uint32_t events, std::uint64_t number) {
        epoll_event event{};
        event.events = events;
        event.data.u64 = number;
        if (::epoll_ctl(fd_, what, fd, &event) != 0) throw std::runtime_error("epoll refuses a socket");
    }

    int fd_;
    std::array<epoll_event, 256> events_{};
};

}  // namespace halcyon::bench
