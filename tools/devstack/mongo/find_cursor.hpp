// The cursors behind find and aggregate.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "devstack/mongo/cursor.hpp"
#include "devstack/mongo/scan.hpp"

namespace halcyon::devstack::mongo {

class Server;
struct Request;

// Throws CommandError for options that it doesn't know.
std::unique_ptr<Cursor> make_find_cursor(Server& server, const Request& request,
                                         const std::string& collection);
std::unique_ptr<Cursor> make_list_cursor(std::vector<Doc> documents);

}  // namespace halcyon::devstack::mongo
