// HTTP/1.1 to one origin: http, https or a Unix socket, with a pool of kept-alive connections.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/clock.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/http.hpp"

namespace halcyon::net {

struct ClientOptions {
    std::size_t connections = 8;  // most open at once, 1 and up; further calls wait in order of arrival
    std::size_t idle = 8;  // most kept open without work; 0: every connection is closed after its reply
    Duration idle_time = std::chrono::seconds(60);  // an older idle connection is not used again; 0: none is
    Duration connect_timeout =
        std::chrono::seconds(5);          // for each address and for the TLS handshake; above 0
    std::size_t reply_bytes = 256 * MiB;  // most bytes of a reply's body
    std::size_t header_bytes = 64 * KiB;  // most bytes of a reply's head; up to 2 GiB
    std::string ca_file{};  // PEM; empty: the system's roots. The peer's certificate is always checked
    std::vector<Header> headers{};  // sent with every request (API keys); never logged
};

/// Thread rule: the loop; concurrent calls are fine, and may outlive the client.
class HttpClient {
  public:
    /// `url`: "http://host:port/base", "https://host/base", "unix:/path/of.sock". The path is put before
    /// every request's target. Errors: {fatal, invalid} for a URL, option or ca_file that can't be used.
    static Result<HttpClient> make(async::Executor executor, std::string_view url,
                                   ClientOptions options = {});
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;

    /// Any status but 3xx is a reply, not an error. Redirects are not followed: a 3xx is {reject, rejected}
    /// with its location. Errors that tell what reached the server:
    ///   {retry, unavailable}  could not resolve, connect or shake hands, or the connection was lost before
    ///                         any byte of the request was written: nothing was sent
    ///   {retry, timeout}      the deadline passed before any byte was written: nothing was sent
    ///   {retry, in_doubt}     bytes of the request may have arrived and no whole, well-formed reply came
    ///                         (reset, end of stream, deadline, garbage, a reply over the limits)
    ///   {reject, invalid}     the request can't be written (see Request)
    /// A server that answers before it has read the whole request is heard. A kept-alive connection that
    /// turns out to be closed is replaced once, if nothing was written or (GET and HEAD only) no byte came
    /// back. When the coroutine is cancelled its connection is closed, never pooled.
    Task<Result<Reply>> send(Request request, Deadline deadline);

    /// "https://host:443", without credentials and path; for messages.
    const std::string& origin() const;
    std::size_t open_connections() const;
    std::size_t idle_connections() const;

  private:
    struct State;
    explicit HttpClient(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace halcyon::net
