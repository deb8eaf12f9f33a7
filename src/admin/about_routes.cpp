// Who calls, and what can be called.
#include <boost/json.hpp>

#include "admin/body.hpp"
#include "admin/tables.hpp"
#include "api/openapi.hpp"

namespace halcyon::admin {
namespace {

Task<net::ServerReply> whoami(std::shared_ptr<const Access> access, std::string version,
                              net::ServerRequest request) {
    const auto who = access->caller(request).value_or(Caller{});
    using boost::json::value;
    co_return reply_of({{"role", to_string(who.role)},
                        {"name", who.name.empty() ? value(nullptr) : value(who.name)},
                        {"tokens", access->tokens()},
                        {"version", version}});
}

}  // namespace

Routes about_routes(std::shared_ptr<const Access> access, const std::string& version) {
    return {
        {"GET", "/openapi.json", Role::nobody,
         [](net::ServerRequest) { return ready({.status = 200, .body = std::string(api::openapi_json())}); }},
        {"GET", "/v1/whoami", Role::viewer,
         [access, version](net::ServerRequest r) { return whoami(access, version, std::move(r)); }},
    };
}

}  // namespace halcyon::admin
