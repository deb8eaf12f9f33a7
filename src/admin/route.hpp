// One entry of the table of routes: what it is, who may call it, and what answers.
#pragma once

#include <string>
#include <vector>

#include "admin/role.hpp"
#include "net/server/message.hpp"

namespace halcyon::admin {

struct Route {
    std::string method;
    std::string pattern;        // as net::Router takes it
    Role needs = Role::viewer;  // nobody: open to all
    net::Handler handler;
    /// Names of the query that it knows; any other is refused.
    std::vector<std::string> query{};
};
using Routes = std::vector<Route>;

}  // namespace halcyon::admin
