// Users with roles on databases: enough of authorization for what a reader of change streams meets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace halcyon::devstack::mongo {

struct Role {
    std::string name;  // read, readWrite, readAnyDatabase, clusterMonitor, root
    std::string db;
};

struct User {
    std::string name;
    std::string password;
    std::vector<Role> roles;
};

// NAME:PASSWORD:ROLE@DB[,ROLE@DB..]; throws std::invalid_argument that says what is wrong.
User parse_user(std::string_view text);

enum class Access { read, write, deployment };
bool allowed(const User& user, Access access, std::string_view db);

}  // namespace halcyon::devstack::mongo
