#include "wire.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace halcyon::bench {
namespace {

constexpr std::size_t read_bytes = 256 * 1024;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

int socket_or_throw() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw std::runtime_error("no socket");
    return fd;
}

void no_delay(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

std::size_t number_at(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    std::size_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

}  // namespace

std::size_t body_bytes(std::string_view head) {
    for (const std::string_view name : {"\r\nContent-Length:", "\r\ncontent-length:"})
        if (const auto at = head.find(name); at != head.npos) return number_at(head.substr(at + name.size()));
    return 0;
}

int connect_to(std::uint16_t port, bool wait) {
    const int fd = socket_or_throw();
    const auto address = loopback(port);
    if (!wait) ::fcntl(fd, F_SETFL, O_NONBLOCK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        (wait || errno != EINPROGRESS)) {
        ::close(fd);
        throw std::runtime_error("port " + std::to_string(port) + " does not answer");
    }
    no_delay(fd);
    return fd;
}

Wire::~Wire() {
    if (fd_ >= 0) ::close(fd_);
}
Wire::Wire(Wire&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)), used_(other.used_) {}

Wire Wire::connect(std::uint16_t port) { return Wire(connect_to(port)); }

void Wire::send(std::string_view head, std::string_view body) {
    while (!head.empty() || !body.empty()) {
        const std::array<iovec, 2> parts{iovec{const_cast<char*>(head.data()), head.size()},
                                         iovec{const_cast<char*>(body.data()), body.size()}};
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(parts.data());
        message.msg_iovlen = parts.size();
        const auto sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
        if (sent <= 0) throw std::runtime_error("the other side has closed the connection");
        const auto of_head = std::min(head.size(), static_cast<std::size_t>(sent));
        head.remove_prefix(of_head);
        body.remove_prefix(static_cast<std::size_t>(sent) - of_head);
    }
}

bool Wire::more() {
    const auto before = buffer_.size();
    buffer_.resize(before + read_bytes);
    const auto got = ::recv(fd_, buffer_.data() + before, read_bytes, 0);
    buffer_.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
    return got > 0;
}

bool Wire::receive(Message& message) {
    buffer_.erase(0, std::exchange(used_, 0));
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
        if (!more()) return false;
    end += 4;
    const auto bytes = body_bytes(std::string_view(buffer_).substr(0, end));
    buffer_.reserve(end + bytes + read_bytes);
    while (buffer_.size() < end + bytes)
        if (!more()) throw std::runtime_error("the connection was closed in the middle of a message");
    message = {std::string_view(buffer_).substr(0, end), std::string_view(buffer_).substr(end, bytes)};
    used_ = end + bytes;
    return true;
}

Listener::Listener() : fd(socket_or_throw()), port(0) {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(fd, 64) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("no port of 127.0.0.1 is free");
    port = ntohs(address.sin_port);
}

Wire Listener::accept() const {
    const int accepted = ::accept(fd, nullptr, nullptr);
    if (accepted < 0) throw std::runtime_error("accept failed");
    no_delay(accepted);
    return Wire(accepted);
}

std::uint16_t port_of(std::string_view url) {
    const auto colon = url.rfind(':');
    const auto port = colon == url.npos ? 0 : number_at(url.substr(colon + 1));
    if (port == 0 || port > 65535) throw std::runtime_error("no port in " + std::string(url));
    return static_cast<std::uint16_t>(port);
}

}  // namespace halcyon::bench
