// A connection without a socket: what it reads is given, what is written is kept.
#pragma once

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "net/stream.hpp"

namespace halcyon::fuzz {

class GivenStream final : public net::Stream {
  public:
    /// `piece`: most bytes of one read; 0: all that is there. Behind the input the peer has closed.
    GivenStream(net::asio::io_context& loop, std::string_view input, std::size_t piece)
        : loop_(loop), input_(input), piece_(piece) {}

    Task<std::string> handshake() override { co_return std::string{}; }
    void start_read(net::asio::mutable_buffer into, MoveHandler done) override {
        if (closed_) return end(std::move(done), {net::asio::error::operation_aborted, 0});
        if (input_.empty()) return end(std::move(done), {net::asio::error::eof, 0});
        const auto most = std::min(into.size(), piece_ == 0 ? input_.size() : piece_);
        const auto bytes = net::asio::buffer_copy(into, net::asio::buffer(input_), most);
        input_.remove_prefix(bytes);
        end(std::move(done), {{}, bytes});
    }
    void start_write(std::span<const net::asio::const_buffer> from, MoveHandler done) override {
        if (closed_) return end(std::move(done), {net::asio::error::operation_aborted, 0});
        std::size_t bytes = 0;
        for (const auto& buffer : from) {
            written_.append(static_cast<const char*>(buffer.data()), buffer.size());
            bytes += buffer.size();
        }
        end(std::move(done), {{}, bytes});
    }
    void interrupt_writes(bool) override {}
    bool quiet() const override { return input_.empty(); }
    void close() override { closed_ = true; }

    const std::string& written() const { return written_; }
    std::string_view unread() const { return input_; }

  private:
    void end(MoveHandler done, Moved moved) {
        net::asio::post(loop_,
                        [d = std::move(done), moved]() mutable { std::move(d)(moved.error, moved.bytes); });
    }

    net::asio::io_context& loop_;
    std::string_view input_;
    std::size_t piece_;
    std::string written_;
    bool closed_ = false;
};

/// Runs a coroutine that never waits for anything outside of this process.
template <class T>
T finish(net::asio::io_context& loop, Task<T> task) {
    std::optional<T> result;
    net::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr thrown, T value) {
        if (thrown) std::rethrow_exception(thrown);
        result = std::move(value);
    });
    loop.restart();
    loop.run();
    return std::move(result).value();
}

}  // namespace halcyon::fuzz
