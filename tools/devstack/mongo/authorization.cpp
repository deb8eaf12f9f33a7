#include "devstack/mongo/authorization.hpp"

#include <algorithm>
#include <array>

namespace halcyon::devstack::mongo {
namespace {

constexpr std::array free_for_users{"ping",        "connectionStatus",  "listDatabases",
                                    "killCursors", "getMore",           "endSessions",
                                    "logout",      "commitTransaction", "abortTransaction"};
constexpr std::array reads{"find",        "aggregate", "count",   "distinct",   "listCollections",
                           "listIndexes", "collStats", "dbStats", "splitVector"};

bool opens_deployment_stream(const Request& request) {
    if (request.name != "aggregate" || !request["pipeline"].is_array()) return false;
    for (const Element& stage : request["pipeline"].as_document()) {
        if (stage.value.is_object() && stage.value.as_document()["$changeStream"].is_object())
            return stage.value.as_document()["$changeStream"].as_document()["allChangesForCluster"].truthy();
    }
    return false;
}

bool writes_out(const Request& request) {
    if (request.name != "aggregate" || !request["pipeline"].is_array()) return false;
    for (const Element& stage : request["pipeline"].as_document()) {
        if (stage.value.is_object() &&
            (stage.value.as_document()["$out"] || stage.value.as_document()["$merge"]))
            return true;
    }
    return false;
}

template <class List>
bool contains(const List& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

const User* user_of(const std::vector<User>& users, const Client& client) {
    const auto it =
        std::find_if(users.begin(), users.end(), [&](const User& user) { return user.name == client.user; });
    return it == users.end() || client.user.empty() ? nullptr : &*it;
}

void authorize(const std::vector<User>& users, const Request& request) {
    const User* user = user_of(users, *request.client);
    if (user == nullptr) throw CommandError(13, "command " + request.name + " requires authentication");
    if (contains(free_for_users, request.name)) return;
    Access access = contains(reads, request.name) ? Access::read : Access::write;
    if (request.name == "replSetGetStatus" || opens_deployment_stream(request)) access = Access::deployment;
    if (writes_out(request)) access = Access::write;
    if (allowed(*user, access, request.db)) return;
    throw CommandError(13,
                       "not authorized on " + request.db + " to execute command " + to_text(request.body));
}

}  // namespace halcyon::devstack::mongo
