#include "devstack/http.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cctype>
#include <charconv>
#include <optional>
#include <unordered_set>

namespace halcyon::devstack {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

bool same_without_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::string_view HttpRequest::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::string_view HttpRequest::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (same_without_case(key, name)) return value;
    }
    return {};
}

namespace {

class Session;
using Sessions = std::unordered_set<Session*>;

class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(tcp::socket socket, std::shared_ptr<const HttpOptions> options,
            std::shared_ptr<const HttpHandler> handler, std::shared_ptr<Sessions> sessions)
        : socket_(std::move(socket)),
          options_(std::move(options)),
          handler_(std::move(handler)),
          sessions_(std::move(sessions)) {
        sessions_->insert(this);
    }
    ~Session() { sessions_->erase(this); }

    void read() {
        parser_.emplace();
        parser_->body_limit(options_->body_limit);
        http::async_read_header(socket_, buffer_, *parser_,
                                [self = shared_from_this()](error_code error, std::size_t) {
                                    if (error == http::error::body_limit) return self->refuse_large();
                                    if (error) return self->broken(error);
                                    self->read_body();
                                });
    }

    void write(HttpReply reply) {
        const bool keep = parser_ && parser_->is_header_done() && parser_->get().keep_alive() && !reply.close;
        const bool head = parser_ && parser_->is_header_done() && parser_->get().method() == http::verb::head;
        response_.emplace();
        response_->result(reply.status);
        response_->version(11);
        if (!reply.type.empty() && !reply.body.empty()) response_->set(http::field::content_type, reply.type);
        for (const auto& [name, value] : reply.headers) response_->insert(name, value);
        response_->body() = std::move(reply.body);
        response_->keep_alive(keep);
        response_->prepare_payload();
        if (head) response_->body().clear();
        http::async_write(socket_, *response_,
                          [self = shared_from_this(), keep](error_code error, std::size_t) {
                              if (error || !keep) return self->close();
                              self->read();
                          });
    }

    void close() {
        error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }

    asio::any_io_executor executor() { return socket_.get_executor(); }

  private:
    class Exchange final : public HttpExchange, public std::enable_shared_from_this<Exchange> {
      public:
        explicit Exchange(std::shared_ptr<Session> session) : session_(std::move(session)) {}
        ~Exchange() override {
            if (session_) session_->close();
        }
        void reply(HttpReply reply) override {
            if (auto session = std::exchange(session_, nullptr)) session->write(std::move(reply));
        }
        void drop() override {
            if (auto session = std::exchange(session_, nullptr)) session->close();
        }
        void after(std::chrono::milliseconds delay, std::function<void()> then) override {
            if (!session_) return;
            auto timer = std::make_shared<asio::steady_timer>(session_->executor(), delay);
            timer->async_wait([timer, self = shared_from_this(), then = std::move(then)](error_code error) {
                if (!error) then();
            });
        }

      private:
        std::shared_ptr<Session> session_;
    };

    void read_body() {
        if (same_without_case(header("Expect"), "100-continue")) {
            interim_ = "HTTP/1.1 100 Continue\r\n\r\n";
            asio::async_write(socket_, asio::buffer(interim_),
                              [self = shared_from_this()](error_code error, std::size_t) {
                                  if (error) return self->close();
                                  self->rest_of_body();
                              });
            return;
        }
        rest_of_body();
    }

    void rest_of_body() {
        http::async_read(socket_, buffer_, *parser_,
                         [self = shared_from_this()](error_code error, std::size_t) {
                             if (error == http::error::body_limit) return self->refuse_large();
                             if (error) return self->broken(error);
                             self->handle();
                         });
    }

    void handle() {
        auto& message = parser_->get();
        HttpRequest request;
        request.method = std::string(message.method_string());
        request.target = std::string(message.target());
        for (const auto& field : message)
            request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
        request.body = std::move(message.body());
        (*handler_)(std::move(request), std::make_shared<Exchange>(shared_from_this()));
    }

    std::string_view header(std::string_view name) const {
        const auto& message = parser_->get();
        const auto it = message.find(boost::beast::string_view(name.data(), name.size()));
        return it == message.end() ? std::string_view{}
                                   : std::string_view(it->value().data(), it->value().size());
    }

    void refuse_large() {
        // The parser's own content_length() may be asked only once the header is done; here it was refused.
        const std::string_view announced = header("Content-Length");
        std::uint64_t length = 0;
        std::from_chars(announced.data(), announced.data() + announced.size(), length);
        HttpReply reply;
        reply.status = 413;
        if (options_->too_large) reply = options_->too_large(length, options_->body_limit);
        reply.close = true;
        write(std::move(reply));
    }

    void broken(error_code error) {
        if (error.category() != http::make_error_code(http::error::bad_method).category() ||
            error == http::error::end_of_stream || error == http::error::partial_message)
            return close();
        HttpReply reply;
        reply.status = 400;
        if (options_->malformed) reply = options_->malformed(error.message());
        reply.close = true;
        write(std::move(reply));
    }

    tcp::socket socket_;
    std::shared_ptr<const HttpOptions> options_;
    std::shared_ptr<const HttpHandler> handler_;
    std::shared_ptr<Sessions> sessions_;
    boost::beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    std::optional<http::response<http::string_body>> response_;
    std::string interim_;
};

}  // namespace

class HttpServer::Impl : public std::enable_shared_from_this<Impl> {
  public:
    Impl(asio::io_context& loop, HttpOptions options, HttpHandler handler)
        : acceptor_(loop),
          timer_(loop),
          options_(std::make_shared<HttpOptions>(std::move(options))),
          handler_(std::make_shared<HttpHandler>(std::move(handler))),
          sessions_(std::make_shared<Sessions>()),
          endpoint_(asio::ip::make_address(options_->bind), options_->port) {
        listen();
    }

    void listen() {
        acceptor_.open(endpoint_.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        acceptor_.bind(endpoint_);
        acceptor_.listen();
        endpoint_ = acceptor_.local_endpoint();
    }

    void accept() {
        acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
            if (!self->acceptor_.is_open()) return;
            if (!error) {
                error_code ignored;
                socket.set_option(tcp::no_delay(true), ignored);
                std::make_shared<Session>(std::move(socket), self->options_, self->handler_, self->sessions_)
                    ->read();
            }
            self->accept();
        });
    }

    void down(std::chrono::milliseconds time) {
        stop();
        timer_.expires_after(time);
        timer_.async_wait([self = shared_from_this()](error_code error) {
            if (error) return;
            self->listen();
            self->accept();
        });
    }

    void cut() {
        const std::vector<Session*> open(sessions_->begin(), sessions_->end());
        for (Session* session : open) session->close();
    }

    void stop() {
        timer_.cancel();
        error_code ignored;
        acceptor_.close(ignored);
        cut();
    }

    std::uint16_t port() const { return endpoint_.port(); }

  private:
    tcp::acceptor acceptor_;
    asio::steady_timer timer_;
    std::shared_ptr<const HttpOptions> options_;
    std::shared_ptr<const HttpHandler> handler_;
    std::shared_ptr<Sessions> sessions_;
    tcp::endpoint endpoint_;
};

HttpServer::HttpServer(asio::io_context& loop, HttpOptions options, HttpHandler handler)
    : impl_(std::make_shared<Impl>(loop, std::move(options), std::move(handler))) {
    impl_->accept();
}
HttpServer::~HttpServer() { stop(); }
std::uint16_t HttpServer::port() const { return impl_->port(); }
void HttpServer::down(std::chrono::milliseconds time) { impl_->down(time); }
void HttpServer::cut() { impl_->cut(); }
void HttpServer::stop() { impl_->stop(); }

}  // namespace halcyon::devstack
