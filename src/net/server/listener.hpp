// Sockets that listen.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/stream.hpp"
#include "net/tls_identity.hpp"

namespace halcyon::net {

/// Thread rule: the loop.
class Listener {
  public:
    struct Accepted {
        ErrorCode error;
        std::unique_ptr<Stream> stream{};  // TLS: before its handshake
        std::string peer{};                // see ServerRequest
    };
    virtual ~Listener() = default;
    virtual Task<Accepted> accept() = 0;
    /// Ends `accept`; a Unix socket's file is removed.
    virtual void close() = 0;
    virtual bool local() const = 0;
    virtual bool tls() const = 0;
    /// "127.0.0.1:8686", "unix:/path"
    virtual std::string name() const = 0;
    virtual std::uint16_t port() const = 0;  // 0 for a Unix socket
};

/// See HttpServer's listen functions.
Result<std::unique_ptr<Listener>> listen_tcp(const async::Executor& executor, std::string_view address,
                                             std::optional<TlsIdentity> tls);
Result<std::unique_ptr<Listener>> listen_unix(const async::Executor& executor, const std::string& path);

}  // namespace halcyon::net
