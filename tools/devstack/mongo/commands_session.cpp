// Sessions and transactions.
#include "devstack/mongo/server.hpp"

namespace halcyon::devstack::mongo {
namespace {

void end_sessions(Context& context) {
    const Value ids = context.request->first();
    if (!ids.is_array()) return;
    for (const Element& item : ids.as_document()) {
        if (!item.value.is_object()) continue;
        const Value id = item.value.as_document()["id"];
        if (id.type == Type::binary && id.bytes.size() == 21)
            context.server.end_session(std::string(id.bytes.substr(5)));
    }
}

void start_session(Context& context) {
    context.reply.begin_document("id")
        .binary("id", new_uuid(), 4)
        .end()
        .add("timeoutMinutes", std::int32_t{30});
}

void commit(Context& context) {
    Server& server = context.server;
    const Request& request = *context.request;
    if (!request.in_transaction)
        throw CommandError(125, "commitTransaction must be run within a transaction");
    SessionState& state = server.session(request.lsid);
    if (state.committed) return;
    try {
        server.store().begin(state.pending);
    } catch (const CommandError&) {
        server.abort(state);
        throw;
    }
    server.store().commit({request.lsid, request.txn_number});
    server.abort(state);
    state.committed = true;
}

void abort(Context& context) {
    SessionState& state = context.server.session(context.request->lsid);
    if (!context.request->in_transaction)
        throw CommandError(125, "abortTransaction must be run within a transaction");
    if (state.committed) throw CommandError(256, "Transaction has been committed.");
    context.server.abort(state);
}

void nothing(Context&) {}

}  // namespace

void add_session_commands(Commands& commands) {
    commands["endSessions"] = {end_sessions, {}, Command::idl | Command::open_to_all};
    commands["refreshSessions"] = {nothing, {}, Command::idl};
    commands["startSession"] = {start_session, {}, Command::idl};
    commands["commitTransaction"] = {commit, {"recoveryToken"}, Command::transaction | Command::idl};
    commands["abortTransaction"] = {abort, {"recoveryToken"}, Command::transaction | Command::idl};
}

}  // namespace halcyon::devstack::mongo
