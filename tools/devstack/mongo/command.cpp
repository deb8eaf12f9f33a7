#include "devstack/mongo/command.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace halcyon::devstack::mongo {
namespace {

constexpr std::array generic_fields{"$db",
                                    "lsid",
                                    "$clusterTime",
                                    "$readPreference",
                                    "txnNumber",
                                    "autocommit",
                                    "startTransaction",
                                    "readConcern",
                                    "writeConcern",
                                    "maxTimeMS",
                                    "comment",
                                    "apiVersion",
                                    "apiStrict",
                                    "apiDeprecationErrors",
                                    "$queryOptions"};

template <class List>
bool contains(const List& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

std::string Request::collection() const {
    const Value value = first();
    if (!value.is_string())
        throw CommandError(73, "collection name has invalid type " + std::string(type_name(value.type)));
    return std::string(value.as_string());
}

std::vector<View> Request::items(std::string_view field) const {
    for (const auto& [identifier, documents] : sequences) {
        if (identifier == field) return documents;
    }
    std::vector<View> out;
    const Value value = body[field];
    if (!value.is_array())
        throw CommandError(
            40414, "BSON field '" + name + "." + std::string(field) + "' is missing but a required field");
    for (const Element& item : value.as_document()) {
        if (!item.value.is_object())
            throw CommandError(14, "BSON field '" + name + "." + std::string(field) + "." +
                                       std::string(item.name) + "' is the wrong type '" +
                                       std::string(type_name(item.value.type)) + "', expected type 'object'");
        out.push_back(item.value.as_document());
    }
    return out;
}

void Request::parse() {
    if (body.empty()) throw CommandError(9, "no command in an empty document");
    name = body.begin()->name;
    if (const Value value = body["$db"]; value.is_string()) db = value.as_string();
    if (const Value value = body["lsid"]; value.is_object()) {
        const Value id = value.as_document()["id"];
        if (id.type == Type::binary && id.bytes.size() == 21) lsid = id.bytes.substr(5);
    }
    if (const Value value = body["txnNumber"]) txn_number = value.as_int();
    if (const Value value = body["autocommit"]) in_transaction = !value.truthy();
    starts_transaction = body["startTransaction"].truthy();
}

void check_fields(const Request& request, const Command& command) {
    bool first = true;
    for (const Element& element : request.body) {
        if (std::exchange(first, false) || contains(generic_fields, element.name) ||
            contains(command.fields, element.name))
            continue;
        if ((command.traits & Command::idl) != 0)
            throw CommandError(40415, "BSON field '" + request.name + "." + std::string(element.name) +
                                          "' is an unknown field.");
        throw CommandError(9, "Failed to parse: " + to_text(request.body) + ". Unrecognized field '" +
                                  std::string(element.name) + "'.");
    }
}

const Commands& all_commands() {
    static const Commands commands = [] {
        Commands out;
        add_session_commands(out);
        add_catalog_commands(out);
        add_write_commands(out);
        add_read_commands(out);
        add_status_commands(out);
        add_auth_commands(out);
        return out;
    }();
    return commands;
}

}  // namespace halcyon::devstack::mongo
