#include "net/server/listener.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "net/watch.hpp"

namespace halcyon::net {
namespace {

using Tcp = asio::ip::tcp;
using Unix = asio::local::stream_protocol;
constexpr auto as_result = asio::as_tuple(async::use_task);

template <class Protocol>
using Acceptor = asio::basic_socket_acceptor<Protocol, async::Executor>;

auto unusable(std::string_view where, std::string_view why) {
    return fail(Verdict::fatal, Cause::invalid, fmt::format("listening on {}: {}", where, why));
}
auto taken(std::string_view where, std::string_view why) {
    return fail(Verdict::fatal, Cause::conflict, fmt::format("listening on {}: {}", where, why));
}

/// Its address, an IPv4 one as such also where IPv6 listens for both; empty if it has left already.
std::string peer_of(const TcpSocket& socket) {
    ErrorCode error;
    const auto address = socket.remote_endpoint(error).address();
    if (error) return {};
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address.to_string();
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
}

class TcpListener final : public Listener {
  public:
    TcpListener(Acceptor<Tcp> acceptor, std::optional<TlsIdentity> tls)
        : acceptor_(std::move(acceptor)), tls_(std::move(tls)) {}

    Task<Accepted> accept() override {
        auto [error, socket] = co_await acceptor_.async_accept(as_result);
        if (error) co_return Accepted{error};
        auto peer = peer_of(socket);
        co_return Accepted{
            {},
            tls_ ? tls_->context(steady_now()).accepting(std::move(socket)) : tcp_stream(std::move(socket)),
            std::move(peer)};
    }
    void close() override {
        ErrorCode ignored;
        acceptor_.close(ignored);
    }
    bool local() const override { return false; }
    bool tls() const override { return tls_.has_value(); }
    std::string name() const override {
        ErrorCode error;
        const auto at = acceptor_.local_endpoint(error);
        return error ? "closed" : fmt::format("{}:{}", at.address().to_string(), at.port());
    }
    std::uint16_t port() const override {
        ErrorCode error;
        return acceptor_.local_endpoint(error).port();
    }

  private:
    Acceptor<Tcp> acceptor_;
    std::optional<TlsIdentity> tls_;
};

struct FileId {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const FileId&) const = default;
};

std::optional<FileId> socket_file(const std::string& path) {
    struct stat s{};
    if (::lstat(path.c_str(), &s) != 0 || !S_ISSOCK(s.st_mode)) return std::nullopt;
    return FileId{s.st_dev, s.st_ino};
}

class UnixListener final : public Listener {
  public:
    UnixListener(Acceptor<Unix> acceptor, std::string path)
        : acceptor_(std::move(acceptor)), path_(std::move(path)), file_(socket_file(path_)) {}
    ~UnixListener() override { remove_file(); }
    UnixListener(const UnixListener&) = delete;
    UnixListener& operator=(const UnixListener&) = delete;

    Task<Accepted> accept() override {
        auto [error, socket] = co_await acceptor_.async_accept(as_result);
        if (error) co_return Accepted{error};
        co_return Accepted{{}, unix_stream(std::move(socket)), "unix"};
    }
    void close() override {
        ErrorCode ignored;
        acceptor_.close(ignored);
        remove_file();
    }
    bool local() const override { return true; }
    bool tls() const override { return false; }
    std::string name() const override { return "unix:" + path_; }
    std::uint16_t port() const override { return 0; }

  private:
    // Only our own: a successor may have put its socket there meanwhile.
    void remove_file() {
        if (file_ && socket_file(path_) == file_) ::unlink(path_.c_str());
        file_.reset();
    }
    Acceptor<Unix> acceptor_;
    std::string path_;
    std::optional<FileId> file_;
};

std::optional<Tcp::endpoint> parse_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (bad != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (host == "localhost") host = "127.0.0.1";
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    ErrorCode error;
    const auto address = asio::ip::make_address(std::string(host), error);
    if (error) return std::nullopt;
    return Tcp::endpoint(address, port);
}

/// True if nobody listens on the socket file any more. Connecting to a Unix socket never waits for long: it
/// is refused, or taken into the backlog, at once.
bool stale(const async::Executor& executor, const std::string& path) {
    UnixSocket probe(executor);
    ErrorCode error;
    probe.connect(Unix::endpoint(path), error);
    return error == asio::error::connection_refused;
}

}  // namespace

Result<std::unique_ptr<Listener>> listen_tcp(const async::Executor& executor, std::string_view address,
                                             std::optional<TlsIdentity> tls) {
    const auto endpoint = parse_address(address);
    if (!endpoint) return unusable(address, "not of the form 127.0.0.1:8686 or [::1]:8686");
    Acceptor<Tcp> acceptor(executor);
    ErrorCode error;
    acceptor.open(endpoint->protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(*endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error == asio::error::address_in_use) return taken(address, error.message());
    if (error) return unusable(address, error.message());
    return std::make_unique<TcpListener>(std::move(acceptor), std::move(tls));
}

Result<std::unique_ptr<Listener>> listen_unix(const async::Executor& executor, const std::string& path) {
    const auto name = "unix:" + path;
    if (path.empty() || path.size() > 107) return unusable(name, "a socket's path has 1 to 107 bytes");
    Acceptor<Unix> acceptor(executor);
    ErrorCode error;
    acceptor.open(Unix(), error);
    if (error) return unusable(name, error.message());
    // Linux gives the file the mode of the socket at the moment of bind: there is no instant at which others
    // could connect.
    if (::fchmod(acceptor.native_handle(), S_IRUSR | S_IWUSR) != 0)
        return unusable(name, std::strerror(errno));
    acceptor.bind(Unix::endpoint(path), error);
    if (error == asio::error::address_in_use) {
        if (!socket_file(path)) return taken(name, "there is a file that is no socket");
        if (!stale(executor, path)) return taken(name, "another process listens there");
        ::unlink(path.c_str());
        acceptor.bind(Unix::endpoint(path), error);
    }
    if (!error && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) return unusable(name, std::strerror(errno));
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return unusable(name, error.message());
    return std::make_unique<UnixListener>(std::move(acceptor), path);
}

}  // namespace halcyon::net
