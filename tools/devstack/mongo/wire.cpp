#include "devstack/mongo/wire.hpp"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <unordered_set>
#include <utility>

#include "devstack/mongo/message.hpp"

namespace halcyon::devstack::mongo {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

}  // namespace

class WireServer::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(asio::io_context& loop, Server& server, Faults& faults)
        : acceptor_(loop),
          timer_(loop),
          server_(server),
          faults_(faults),
          endpoint_(asio::ip::make_address(server.options().bind), server.options().port) {
        listen();
        server_.set_port(endpoint_.port());
    }

    void listen() {
        acceptor_.open(endpoint_.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        acceptor_.bind(endpoint_);
        acceptor_.listen();
        endpoint_ = acceptor_.local_endpoint();
    }

    void accept();
    void cut();

    void down(std::chrono::milliseconds time) {
        stop();
        timer_.expires_after(time);
        timer_.async_wait([self = shared_from_this()](error_code error) {
            if (error) return;
            self->listen();
            self->accept();
        });
    }

    void stop() {
        timer_.cancel();
        error_code ignored;
        acceptor_.close(ignored);
        cut();
    }

    std::uint16_t port() const { return endpoint_.port(); }

  private:
    class Connection;

    tcp::acceptor acceptor_;
    asio::steady_timer timer_;
    Server& server_;
    Faults& faults_;
    tcp::endpoint endpoint_;
    std::int32_t counter_ = 0;
    std::unordered_set<Connection*> connections_;
};

class WireServer::Impl::Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(tcp::socket socket, std::shared_ptr<Impl> owner, std::int32_t id)
        : socket_(std::move(socket)), timer_(socket_.get_executor()), owner_(std::move(owner)) {
        client_->id = id;
        owner_->connections_.insert(this);
    }
    ~Connection() { owner_->connections_.erase(this); }

    void read() {
        asio::async_read(socket_, asio::buffer(header_),
                         [self = shared_from_this()](error_code error, std::size_t) {
                             if (error) return self->close();
                             const auto head = read_head({self->header_.data(), self->header_.size()});
                             if (!head) return self->close();
                             self->head_ = *head;
                             self->read_body();
                         });
    }

    void close() {
        error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
        timer_.cancel();
    }

  private:
    void read_body() {
        request_ = std::make_shared<Request>();
        request_->message.resize(head_.body);
        request_->client = client_;
        asio::async_read(socket_, asio::buffer(request_->message),
                         [self = shared_from_this()](error_code error, std::size_t) {
                             if (error) return self->close();
                             self->take();
                         });
    }

    void take() {
        const auto answered = read_message(head_, *request_);
        if (!answered) return close();
        silent_ = !*answered;
        try {
            request_->parse();
        } catch (const CommandError& error) {
            return write(owner_->server_.failure(error));
        }
        meet_faults();
    }

    void meet_faults() {
        auto fault = owner_->faults_.fire("mongodb", request_->name, request_->message);
        if (!fault) return serve(std::nullopt);
        switch (fault->action) {
            case FaultAction::close_before:
                return close();
            case FaultAction::hang:
                wait_for_ever();
                return owner_->faults_.tell(*fault);
            case FaultAction::down:
                return owner_->down(fault->ms);
            case FaultAction::error:
                return write(failure(*fault));
            case FaultAction::delay_before:
                timer_.expires_after(fault->ms);
                timer_.async_wait([self = shared_from_this()](error_code error) {
                    if (!error) self->serve(std::nullopt);
                });
                return;
            default:
                return serve(std::move(fault));
        }
    }

    void serve(std::optional<Fault> fault) {
        owner_->server_.handle(request_, [self = shared_from_this(),
                                          fault = std::move(fault)](std::string reply) {
            if (!fault) return self->write(std::move(reply));
            if (fault->action == FaultAction::close_after) return self->close();
            if (fault->action == FaultAction::hang_after || fault->action == FaultAction::pass) {
                fault->action == FaultAction::pass ? self->write(std::move(reply)) : self->wait_for_ever();
                return self->owner_->faults_.tell(*fault);
            }
            if (fault->action == FaultAction::error_after) return self->write(self->failure(*fault));
            self->timer_.expires_after(fault->ms);
            self->timer_.async_wait([self, reply = std::move(reply)](error_code error) mutable {
                if (!error) self->write(std::move(reply));
            });
        });
    }

    // Reads nothing and says nothing; the other side notices by its own deadline, or goes.
    void wait_for_ever() {
        socket_.async_wait(tcp::socket::wait_error, [self = shared_from_this()](error_code) {});
    }

    std::string failure(const Fault& fault) const {
        const int code = fault.code != 0 ? fault.code : 1;
        std::string name = fault.code_name.empty() ? code_name(code) : fault.code_name;
        return owner_->server_.failure(
            CommandError(code, fault.message.empty() ? name : fault.message, fault.labels));
    }

    void write(std::string reply) {
        if (!socket_.is_open()) return;
        if (silent_) return read();
        out_head_ = reply_head(head_, reply.size());
        out_ = std::move(reply);
        const std::array<asio::const_buffer, 2> buffers{asio::buffer(out_head_), asio::buffer(out_)};
        asio::async_write(socket_, buffers, [self = shared_from_this()](error_code error, std::size_t) {
            if (error) return self->close();
            self->read();
        });
    }

    tcp::socket socket_;
    asio::steady_timer timer_;
    std::shared_ptr<Impl> owner_;
    std::shared_ptr<Client> client_ = std::make_shared<Client>();
    std::array<char, MessageHead::size> header_{};
    MessageHead head_;
    std::shared_ptr<Request> request_;
    std::string out_head_;
    std::string out_;
    bool silent_ = false;
};

void WireServer::Impl::accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
        if (!self->acceptor_.is_open()) return;
        if (!error) {
            error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            std::make_shared<Connection>(std::move(socket), self, ++self->counter_)->read();
        }
        self->accept();
    });
}

void WireServer::Impl::cut() {
    const std::vector<Connection*> open(connections_.begin(), connections_.end());
    for (Connection* connection : open) connection->close();
}

WireServer::WireServer(asio::io_context& loop, Server& server, Faults& faults)
    : impl_(std::make_shared<Impl>(loop, server, faults)) {
    impl_->accept();
}
WireServer::~WireServer() { stop(); }
std::uint16_t WireServer::port() const { return impl_->port(); }
void WireServer::cut() { impl_->cut(); }
void WireServer::down(std::chrono::milliseconds time) { impl_->down(time); }
void WireServer::stop() { impl_->stop(); }

}  // namespace halcyon::devstack::mongo
