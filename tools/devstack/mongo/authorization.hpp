// Who may run what. Messages as a 4.2 server gives them (recorded).
#pragma once

#include <vector>

#include "devstack/mongo/command.hpp"
#include "devstack/mongo/users.hpp"

namespace halcyon::devstack::mongo {

// Throws CommandError 13 where the client of the request may not run it.
void authorize(const std::vector<User>& users, const Request& request);
// The user that the client is authenticated as, or null.
const User* user_of(const std::vector<User>& users, const Client& client);

}  // namespace halcyon::devstack::mongo
