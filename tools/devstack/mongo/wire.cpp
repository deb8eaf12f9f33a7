#include "devstack/mongo/wire.hpp"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <unordered_set>
#include <utility>

namespace halcyon::devstack::mongo {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::int32_t op_reply = 1;
constexpr std::int32_t op_query = 2004;
constexpr std::int32_t op_msg = 2013;
constexpr std::uint32_t checksum_present = 1;
constexpr std::uint32_t more_to_come = 2;
constexpr std::size_t header_size = 16;
constexpr std::int32_t largest_message = 48000000;

void append_int32(std::string& out, std::int32_t value) {
    out.append(reinterpret_cast<const char*>(&value), 4);
}

std::string message_header(std::size_t body, std::int32_t answers, std::int32_t code) {
    static std::int32_t counter = 0;
    std::string out;
    append_int32(out, static_cast<std::int32_t>(header_size + body));
    append_int32(out, ++counter);
    append_int32(out, answers);
    append_int32(out, code);
    return out;
}

// A document at a place in a message; empty where there is none.
std::string_view document_at(std::string_view bytes) {
    if (bytes.size() < 5) return {};
    const auto size = load<std::int32_t>(bytes.data());
    if (size < 5 || static_cast<std::size_t>(size) > bytes.size()) return {};
    const std::string_view document = bytes.substr(0, static_cast<std::size_t>(size));
    return valid(document) ? document : std::string_view{};
}

// Sections of an OP_MSG into a request; false for what is no message.
bool parse_message(Request& request, std::string_view rest) {
    while (!rest.empty()) {
        const char kind = rest[0];
        rest.remove_prefix(1);
        if (kind == 0) {
            const std::string_view document = document_at(rest);
            if (document.empty()) return false;
            request.body = View(document);
            rest.remove_prefix(document.size());
        } else if (kind == 1) {
            if (rest.size() < 5) return false;
            const auto size = load<std::int32_t>(rest.data());
            if (size < 5 || static_cast<std::size_t>(size) > rest.size()) return false;
            std::string_view section = rest.substr(4, static_cast<std::size_t>(size) - 4);
            rest.remove_prefix(static_cast<std::size_t>(size));
            const std::size_t end = section.find('\0');
            if (end == std::string_view::npos) return false;
            auto& [name, documents] =
                request.sequences.emplace_back(section.substr(0, end), std::vector<View>{});
            section.remove_prefix(end + 1);
            while (!section.empty()) {
                const std::string_view document = document_at(section);
                if (document.empty()) return false;
                documents.emplace_back(document);
                section.remove_prefix(document.size());
            }
        } else {
            return false;
        }
    }
    return !request.body.bytes().empty();
}

// An OP_QUERY on $cmd: the greeting of drivers that don't know the server yet.
bool parse_query(Request& request, std::string_view rest) {
    if (rest.size() < 4) return false;
    rest.remove_prefix(4);
    const std::size_t end = rest.find('\0');
    if (end == std::string_view::npos || rest.size() < end + 9) return false;
    const std::string_view ns = rest.substr(0, end);
    if (!ns.ends_with(".$cmd")) return false;
    request.db = ns.substr(0, ns.size() - 5);
    const std::string_view document = document_at(rest.substr(end + 9));
    if (document.empty()) return false;
    request.body = View(document);
    if (const Value inner = request.body["$query"]; inner.is_object()) request.body = inner.as_document();
    return true;
}

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
                             const auto size = load<std::int32_t>(self->header_.data());
                             if (size < static_cast<std::int32_t>(header_size) + 5 || size > largest_message)
                                 return self->close();
                             self->read_body(static_cast<std::size_t>(size) - header_size);
                         });
    }

    void close() {
        error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
        timer_.cancel();
    }

  private:
    void read_body(std::size_t size) {
        request_ = std::make_shared<Request>();
        request_->message.resize(size);
        request_->client = client_;
        asio::async_read(socket_, asio::buffer(request_->message),
                         [self = shared_from_this()](error_code error, std::size_t) {
                             if (error) return self->close();
                             self->take();
                         });
    }

    void take() {
        const auto code = load<std::int32_t>(header_.data() + 12);
        answers_ = load<std::int32_t>(header_.data() + 4);
        legacy_ = code == op_query;
        silent_ = false;
        std::string_view bytes = request_->message;
        bool good = false;
        if (code == op_query) {
            good = parse_query(*request_, bytes);
        } else if (code == op_msg && bytes.size() > 4) {
            const auto flags = load<std::uint32_t>(bytes.data());
            silent_ = (flags & more_to_come) != 0;
            bytes.remove_prefix(4);
            if ((flags & checksum_present) != 0 && bytes.size() > 4) bytes.remove_suffix(4);
            good = parse_message(*request_, bytes);
        }
        if (!good) return close();
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
        std::string prefix;
        if (legacy_) {
            prefix = message_header(20 + reply.size(), answers_, op_reply);
            append_int32(prefix, 8);
            prefix.append(12, '\0');
            append_int32(prefix, 1);
        } else {
            prefix = message_header(5 + reply.size(), answers_, op_msg);
            prefix.append(5, '\0');
        }
        out_head_ = std::move(prefix);
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
    std::array<char, header_size> header_{};
    std::shared_ptr<Request> request_;
    std::string out_head_;
    std::string out_;
    std::int32_t answers_ = 0;
    bool legacy_ = false;
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
