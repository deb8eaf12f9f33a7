#include "devstack/mongo/users.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace halcyon::devstack::mongo {
namespace {
constexpr std::array roles{"read", "readWrite", "readAnyDatabase", "clusterMonitor", "root"};
}

User parse_user(std::string_view text) {
    const auto wrong = [&](const std::string& what) {
        return std::invalid_argument("user \"" + std::string(text.substr(0, text.find(':'))) + "\": " + what);
    };
    const std::size_t first = text.find(':');
    const std::size_t last = text.rfind(':');
    if (first == std::string_view::npos || first == last)
        throw wrong("expected NAME:PASSWORD:ROLE@DB[,ROLE@DB..]");
    User user{std::string(text.substr(0, first)), std::string(text.substr(first + 1, last - first - 1)), {}};
    std::string_view rest = text.substr(last + 1);
    while (!rest.empty()) {
        const std::string_view part = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), part.size() + 1));
        const std::size_t at = part.find('@');
        const std::string_view name = part.substr(0, at);
        if (at == std::string_view::npos || std::find(roles.begin(), roles.end(), name) == roles.end())
            throw wrong("no such role: " + std::string(part) +
                        " (read, readWrite, readAnyDatabase, clusterMonitor, root)");
        user.roles.push_back({std::string(name), std::string(part.substr(at + 1))});
    }
    return user;
}

bool allowed(const User& user, Access access, std::string_view db) {
    return std::any_of(user.roles.begin(), user.roles.end(), [&](const Role& role) {
        if (role.name == "root") return true;
        if (role.name == "readAnyDatabase") return access != Access::write && db != "local" && db != "config";
        if (role.name == "clusterMonitor") return access == Access::read && (db == "local" || db == "admin");
        if (role.db != db || access == Access::deployment) return false;
        return role.name == "readWrite" || access == Access::read;
    });
}

}  // namespace halcyon::devstack::mongo
