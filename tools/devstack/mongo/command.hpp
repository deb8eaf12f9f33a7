// One command on its way: what came in, what goes out, and the table of those that are known.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "devstack/mongo/bson.hpp"
#include "devstack/mongo/errors.hpp"

namespace halcyon::devstack::mongo {

class Server;

// What the server knows about one connection.
struct Client {
    std::int32_t id = 0;
    std::string user;  // empty: not authenticated
    std::string user_db;
    std::shared_ptr<void> conversation;  // of SASL, while it lasts
};

struct Request {
    std::string message;  // owns all bytes below
    View body;
    std::vector<std::pair<std::string_view, std::vector<View>>> sequences;  // OP_MSG's sections of kind 1
    std::string name;
    std::string db;
    std::string lsid;              // 16 bytes; empty: none
    std::int64_t txn_number = -1;  // -1: none
    bool in_transaction = false;
    bool starts_transaction = false;
    std::shared_ptr<Client> client;

    Value operator[](std::string_view field) const { return body[field]; }
    Value first() const { return body.begin()->value; }
    // The collection that the command names as its own value. Throws CommandError where that is no string.
    std::string collection() const;
    // The documents of a section of kind 1, or of an array in the body.
    std::vector<View> items(std::string_view field) const;
    // Reads name, db, lsid, transaction fields from the body. Throws CommandError.
    void parse();
};

struct Context {
    Server& server;
    std::shared_ptr<Request> request;
    Builder reply;
    bool deferred = false;      // the handler has arranged for a later answer
    bool write_errors = false;  // in a transaction they end it
    std::function<void(std::string)> done;
};

struct Command {
    void (*run)(Context&) = nullptr;
    std::vector<std::string_view> fields;  // beside those that all commands have
    unsigned traits = 0;

    static constexpr unsigned writes = 1;       // has txnNumber where it is retried
    static constexpr unsigned transaction = 2;  // may run in one
    static constexpr unsigned open_to_all = 4;  // needs no authentication
    static constexpr unsigned idl = 8;          // refuses unknown fields with 40415, others with 9
};

using Commands = std::map<std::string_view, Command>;
const Commands& all_commands();

void add_session_commands(Commands& commands);
void add_catalog_commands(Commands& commands);
void add_write_commands(Commands& commands);
void add_read_commands(Commands& commands);
void add_status_commands(Commands& commands);
void add_auth_commands(Commands& commands);

// Throws CommandError for a field that the command doesn't have.
void check_fields(const Request& request, const Command& command);

}  // namespace halcyon::devstack::mongo
