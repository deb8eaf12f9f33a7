#include "support/raw_server.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include "async/task_group.hpp"
#include "async/waiter.hpp"

namespace halcyon::test {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Unix = asio::local::stream_protocol;
using Generic = asio::generic::stream_protocol;
using Socket = asio::basic_stream_socket<Generic, async::Executor>;
using Acceptor = asio::basic_socket_acceptor<Tcp, async::Executor>;
using UnixAcceptor = asio::basic_socket_acceptor<Unix, async::Executor>;
constexpr auto as_result = asio::as_tuple(async::use_task);

}  // namespace

struct RawServer::State {
    explicit State(const async::Executor& executor) : group(executor), tcp(executor), local(executor) {}
    struct Played {
        std::string received;
        bool ended = false;
    };
    async::TaskGroup group;
    Acceptor tcp;
    UnixAcceptor local;
    std::string path;
    std::vector<Script> scripts;
    std::vector<Played> played;

    static Task<bool> read(State& s, Socket& socket, std::size_t i) {
        std::array<char, 16384> buffer{};
        const auto [error, n] = co_await socket.async_read_some(asio::buffer(buffer), as_result);
        s.played[i].received.append(buffer.data(), n);
        co_return !error;
    }

    static Task<> play(std::shared_ptr<State> s, std::shared_ptr<Socket> shared, std::size_t i) {
        auto& socket = *shared;
        std::size_t heads = 0;  // where the next head begins
        for (const auto& step : s->scripts[i]) {
            switch (step.kind) {
                case Step::Kind::read_head: {
                    auto end = std::string::npos;
                    while ((end = s->played[i].received.find("\r\n\r\n", heads)) == std::string::npos)
                        if (!co_await read(*s, socket, i)) break;
                    heads = end == std::string::npos ? s->played[i].received.size() : end + 4;
                    break;
                }
                case Step::Kind::read_bytes:
                    while (s->played[i].received.size() < step.count && co_await read(*s, socket, i)) {
                    }
                    break;
                case Step::Kind::send:
                    co_await asio::async_write(socket, asio::buffer(step.bytes), as_result);
                    break;
                case Step::Kind::wait_end:
                    while (co_await read(*s, socket, i)) {
                    }
                    break;
                case Step::Kind::reset:
                    socket.set_option(asio::socket_base::linger(true, 0));
                    socket.close();
                    break;
                case Step::Kind::close:
                    socket.close();
                    break;
                case Step::Kind::hold: {
                    async::Waiter never(socket.get_executor());
                    co_await never.wait();
                }
            }
        }
        s->played[i].ended = true;
    }

    static Task<> accept(std::shared_ptr<State> s) {
        const auto executor = co_await asio::this_coro::executor;
        while (s->played.size() < s->scripts.size()) {
            std::shared_ptr<Socket> socket;
            if (s->path.empty()) {
                auto [error, accepted] = co_await s->tcp.async_accept(as_result);
                if (error) co_return;
                socket = std::make_shared<Socket>(std::move(accepted));
            } else {
                auto [error, accepted] = co_await s->local.async_accept(as_result);
                if (error) co_return;
                socket = std::make_shared<Socket>(std::move(accepted));
            }
            s->played.emplace_back();
            s->group.spawn(play(s, socket, s->played.size() - 1));
        }
    }
};

Step reply(unsigned status, const std::string& body, const std::string& headers) {
    return send(
        fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers, body));
}

RawServer::RawServer(Loop& loop, std::vector<Script> scripts, std::string unix_path)
    : loop_(loop), state_(std::make_shared<State>(loop.executor())) {
    auto& s = *state_;
    s.scripts = std::move(scripts);
    s.played.reserve(s.scripts.size());
    s.path = std::move(unix_path);
    if (s.path.empty()) {
        s.tcp.open(Tcp::v4());
        s.tcp.bind({asio::ip::address_v4::loopback(), 0});
        s.tcp.listen();
    } else {
        s.local.open();
        s.local.bind(Unix::endpoint(s.path));
        s.local.listen();
    }
    s.group.spawn(State::accept(state_));
}

RawServer::~RawServer() {
    state_->group.cancel();
    loop_.wait(state_->group.join());
    if (!state_->path.empty()) ::unlink(state_->path.c_str());
}

std::string RawServer::url() const {
    if (!state_->path.empty()) return "unix:" + state_->path;
    return fmt::format("http://127.0.0.1:{}", port());
}
std::uint16_t RawServer::port() const { return state_->tcp.local_endpoint().port(); }
std::size_t RawServer::accepted() const { return state_->played.size(); }
const std::string& RawServer::received(std::size_t i) const { return state_->played.at(i).received; }
bool RawServer::ended(std::size_t i) const { return i < state_->played.size() && state_->played[i].ended; }

}  // namespace halcyon::test
