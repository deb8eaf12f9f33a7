// Who may call what. Pure.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "admin/options.hpp"
#include "admin/route.hpp"
#include "net/secret.hpp"

namespace halcyon::admin {

struct Caller {
    Role role = Role::nobody;
    std::string name;  // of the token; empty: it came by the Unix socket, or there are no tokens
};

/// Without tokens everybody who reaches us is an operator; whoever came by the Unix socket always is. Over
/// TCP a page of another origin can do nothing: there are no cookies, a request whose `Origin` is not ours is
/// refused, without tokens the `Host` must be a loopback name (so that no other name can be bound to our
/// address), and bodies must be JSON.
class Access {
  public:
    explicit Access(const AdminOptions& options);

    /// The caller, or the refusal: 401, 403, 415, 421.
    std::variant<Caller, net::ServerReply> admit(const net::ServerRequest& request, Role needs) const;
    /// The one whose token it is; nothing: none's, or there is none. For requests that cannot be refused.
    std::optional<Caller> caller(const net::ServerRequest& request) const;
    bool tokens() const { return !tokens_.empty(); }
    /// The origin that may read the reply, if it is a foreign one that is listed.
    std::optional<std::string> cors_origin(const net::ServerRequest& request) const;

  private:
    struct Token {
        std::string name;
        Role role;
        net::SecretHash hash;
    };
    std::optional<net::ServerReply> refused_origin(const net::ServerRequest& request) const;

    std::vector<Token> tokens_;
    std::vector<std::string> origins_;
    bool any_host_ = false;
};

/// The token of `Authorization: Bearer`, `X-Api-Key`, or, for websockets of browsers, of the subprotocol
/// `token.` with base64url behind it (RFC 4648, 5, without padding).
std::optional<std::string> token_of(const net::ServerRequest& request);

}  // namespace halcyon::admin
