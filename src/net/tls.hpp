// TLS (OpenSSL) as a Stream.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/stream.hpp"

namespace halcyon::net {

/// Trust and identity, shared by many streams; TLS 1.2 at least. Thread rule: the loop.
class TlsContext {
  public:
    /// Checks peers against the system's roots, or those in `ca_file` (PEM). Errors: {fatal, invalid}.
    static Result<TlsContext> client(const std::string& ca_file);
    /// Shows `certificate` (PEM, with its chain) for which `key` (PEM) is the private key. Errors: {fatal,
    /// invalid}, see HttpServer::listen_tls.
    static Result<TlsContext> server(const std::string& certificate, const std::string& key);

    /// `host` is sent as SNI and is the name that the certificate must bear (an address: its address).
    std::unique_ptr<Stream> connecting(TcpSocket socket, const std::string& host) const;
    std::unique_ptr<Stream> accepting(TcpSocket socket) const;

  private:
    struct State;
    explicit TlsContext(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace halcyon::net
