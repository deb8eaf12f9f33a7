#include "net/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "async/clock.hpp"
#include "net/certificate_check.hpp"
#include "net/completion.hpp"
#include "net/socket_quiet.hpp"

namespace halcyon::net {

struct TlsContext::State {
    explicit State(asio::ssl::context::method method) : context(method) {
        context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                            asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                            asio::ssl::context::no_tlsv1_1);
    }
    asio::ssl::context context;
};

namespace {

constexpr auto as_result = asio::as_tuple(async::use_task);

class TlsStream final : public Stream {
  public:
    using Side = asio::ssl::stream_base::handshake_type;
    TlsStream(TcpSocket socket, std::shared_ptr<void> keep, asio::ssl::context& context, Side side)
        : keep_(std::move(keep)), stream_(std::move(socket), context), side_(side) {}

    bool expect(const std::string& host) {
        stream_.set_verify_callback(asio::ssl::host_name_verification(host));
        ErrorCode not_an_address;
        asio::ip::make_address(host, not_an_address);
        // RFC 6066, 3: an address is not sent as a server name.
        return !not_an_address || SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str()) == 1;
    }

    Task<std::string> handshake() override {
        const auto [error] = co_await stream_.async_handshake(side_, as_result);
        if (!error) co_return std::string{};
        const auto verified = SSL_get_verify_result(stream_.native_handle());
        if (side_ == Side::client && verified != X509_V_OK)
            co_return fmt::format("certificate: {}", X509_verify_cert_error_string(verified));
        co_return error.message();
    }

    void start_read(asio::mutable_buffer into, MoveHandler done) override {
        stream_.async_read_some(into, on_loop(std::move(done)));
    }

    void start_write(std::span<const asio::const_buffer> from, MoveHandler done) override {
        stream_.async_write_some(from, on_loop(std::move(done)));
    }

    void interrupt_writes(bool) override {}

    // A session ticket that has not been read makes it unquiet, too: the price is a new connection.
    bool quiet() const override {
        auto& s = const_cast<TlsStream&>(*this).stream_;
        return SSL_has_pending(s.native_handle()) == 0 && socket_quiet(s.next_layer().native_handle());
    }

    void close() override {
        ErrorCode ignored;
        stream_.next_layer().close(ignored);
    }

  private:
    std::shared_ptr<void> keep_;
    asio::ssl::stream<TcpSocket> stream_;
    Side side_;
};

void prepare(TcpSocket& socket) {
    ErrorCode ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
}

}  // namespace

TlsContext::TlsContext(std::shared_ptr<State> state) : state_(std::move(state)) {}

Result<TlsContext> TlsContext::client(const std::string& ca_file) {
    auto state = std::make_shared<State>(asio::ssl::context::tls_client);
    state->context.set_verify_mode(asio::ssl::verify_peer);
    ErrorCode error;
    if (ca_file.empty())
        state->context.set_default_verify_paths(error);
    else
        state->context.load_verify_file(ca_file, error);
    if (error)
        return fail(Verdict::fatal, Cause::invalid,
                    fmt::format("trusted certificates from {}: {}", ca_file.empty() ? "the system" : ca_file,
                                error.message()));
    return TlsContext(std::move(state));
}

Result<TlsContext> TlsContext::server(const std::string& certificate, const std::string& key) {
    HALCYON_TRY(check_certificate(certificate, async::SystemClock{}.wall()));
    HALCYON_TRY(check_private_key(key));
    auto state = std::make_shared<State>(asio::ssl::context::tls_server);
    ErrorCode error;
    state->context.use_certificate_chain_file(certificate, error);
    if (error)
        return fail(Verdict::fatal, Cause::invalid,
                    fmt::format("certificate {}: {}", certificate, error.message()));
    ERR_clear_error();
    state->context.use_private_key_file(key, asio::ssl::context::pem, error);
    if (error)
        return fail(Verdict::fatal, Cause::invalid,
                    fmt::format("private key {}: does not belong to the certificate {}", key, certificate));
    return TlsContext(std::move(state));
}

std::unique_ptr<Stream> TlsContext::connecting(TcpSocket socket, const std::string& host) const {
    prepare(socket);
    auto stream =
        std::make_unique<TlsStream>(std::move(socket), state_, state_->context, TlsStream::Side::client);
    if (!stream->expect(host)) stream->close();
    return stream;
}

std::unique_ptr<Stream> TlsContext::accepting(TcpSocket socket) const {
    prepare(socket);
    return std::make_unique<TlsStream>(std::move(socket), state_, state_->context, TlsStream::Side::server);
}

}  // namespace halcyon::net
