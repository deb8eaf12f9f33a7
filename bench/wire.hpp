// Blocking sockets on the loopback, and as much of HTTP/1.1 as the benches' own programs need.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace halcyon::bench {

/// What Content-Length says; 0 without one.
std::size_t body_bytes(std::string_view head);

/// A socket to a port of 127.0.0.1, the caller's to close. Without `wait` it does not block and is on its
/// way. Throws std::runtime_error.
int connect_to(std::uint16_t port, bool wait = true);

/// One connection. Its functions throw std::runtime_error when the other side is gone.
class Wire {
  public:
    explicit Wire(int fd) : fd_(fd) {}
    ~Wire();
    Wire(Wire&& other) noexcept;
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    /// To a port of 127.0.0.1.
    static Wire connect(std::uint16_t port);

    /// All of both, in as few system calls as the kernel allows.
    void send(std::string_view head, std::string_view body);

    /// The next message with its body; both are valid until the next call. False: the other side has closed.
    struct Message {
        std::string_view head;
        std::string_view body;
    };
    bool receive(Message& message);

  private:
    bool more();

    int fd_;
    std::string buffer_;
    std::size_t used_ = 0;  // bytes of `buffer_` that belong to the message before
};

/// A socket that listens on a free port of 127.0.0.1.
struct Listener {
    Listener();
    int fd;
    std::uint16_t port;
    Wire accept() const;
};

/// The port in http://127.0.0.1:PORT.
std::uint16_t port_of(std::string_view url);

}  // namespace halcyon::bench
