#include "mongo/client.hpp"

#include <mongoc/mongoc.h>

namespace halcyon::mongo {
namespace {

constexpr std::size_t most_idle = 8;

void set_unless_there(mongoc_uri_t* uri, const char* option, std::chrono::milliseconds value) {
    if (!mongoc_uri_has_option(uri, option))
        mongoc_uri_set_option_as_int32(uri, option, static_cast<std::int32_t>(value.count()));
}

Failure::Origin origin_of(const bson_error_t& e) {
    switch (e.domain) {
        case MONGOC_ERROR_SERVER:
        case MONGOC_ERROR_WRITE_CONCERN:
            return Failure::Origin::server;
        case MONGOC_ERROR_STREAM:
            return Failure::Origin::network;
        case MONGOC_ERROR_SERVER_SELECTION:
            return e.code == MONGOC_ERROR_SERVER_SELECTION_BAD_WIRE_VERSION ? Failure::Origin::incompatible
                                                                            : Failure::Origin::selection;
        case MONGOC_ERROR_PROTOCOL:
            return e.code == MONGOC_ERROR_PROTOCOL_BAD_WIRE_VERSION ? Failure::Origin::incompatible
                                                                    : Failure::Origin::network;
        case MONGOC_ERROR_CLIENT:
            return e.code == MONGOC_ERROR_CLIENT_AUTHENTICATE ? Failure::Origin::authentication
                                                              : Failure::Origin::driver;
        case MONGOC_ERROR_SASL:
        case MONGOC_ERROR_SCRAM:
            return Failure::Origin::authentication;
        case MONGOC_ERROR_CURSOR:
            return e.code == MONGOC_ERROR_CURSOR_INVALID_CURSOR ? Failure::Origin::network
                                                                : Failure::Origin::driver;
        default:
            return Failure::Origin::driver;
    }
}

}  // namespace

void Destroy::operator()(_mongoc_client_t* client) const { mongoc_client_destroy(client); }
void Destroy::operator()(_mongoc_client_session_t* session) const { mongoc_client_session_destroy(session); }

Result<Client> make_client(const Options& options) {
    if (auto checked = check(options); !checked) return fail(checked.error());
    const std::unique_ptr<mongoc_uri_t, decltype(&mongoc_uri_destroy)> uri(
        mongoc_uri_new(options.uri.c_str()), &mongoc_uri_destroy);
    set_unless_there(uri.get(), MONGOC_URI_SOCKETTIMEOUTMS, options.socket_timeout);
    set_unless_there(uri.get(), MONGOC_URI_CONNECTTIMEOUTMS, options.connect_timeout);
    set_unless_there(uri.get(), MONGOC_URI_SERVERSELECTIONTIMEOUTMS, options.server_selection_timeout);
    if (!mongoc_uri_has_option(uri.get(), MONGOC_URI_APPNAME))
        mongoc_uri_set_appname(uri.get(), options.app_name.c_str());
    bson_error_t error{};
    Client client(mongoc_client_new_from_uri_with_error(uri.get(), &error));
    if (!client)
        return fail(Verdict::fatal, Cause::invalid,
                    std::string("MongoDB's driver refuses the connection string: ") + error.message);
    // Otherwise errors of the server come as errors of a "query".
    mongoc_client_set_error_api(client.get(), MONGOC_ERROR_API_VERSION_2);
    return client;
}

Failure failure_of(const bson_error_t& error, const bson_t* reply) {
    Failure f{origin_of(error), error.code, error.message, false, false};
    if (!reply) return f;
    for (const char* label :
         {"ResumableChangeStreamError", "RetryableWriteError", "TransientTransactionError"})
        f.resumable_label = f.resumable_label || mongoc_error_has_label(reply, label);
    f.non_resumable_label = mongoc_error_has_label(reply, "NonResumableChangeStreamError");
    return f;
}

std::optional<Failure> run(mongoc_client_t* client, const char* database, const Bson& command,
                           mongoc_client_session_t* session, Bson& reply) {
    bson_error_t error{};
    Bson options;
    if (session && !mongoc_client_session_append(session, options.get(), &error))
        return failure_of(error, nullptr);
    if (mongoc_client_command_with_opts(client, database, command.get(), nullptr, options.get(), reply.out(),
                                        &error))
        return {};
    return failure_of(error, reply.get());
}

ReadPointOrFailure read_point(mongoc_client_t* client, ClusterTime not_before) {
    const std::unique_ptr<mongoc_session_opt_t, decltype(&mongoc_session_opts_destroy)> options(
        mongoc_session_opts_new(), &mongoc_session_opts_destroy);
    mongoc_session_opts_set_causal_consistency(options.get(), true);
    bson_error_t error{};
    ReadPoint point{Session(mongoc_client_start_session(client, options.get(), &error)), {}};
    if (!point.session) return {{}, failure_of(error, nullptr)};
    Bson ping;
    append(ping, "ping", 1);
    Bson reply;
    if (auto failed = run(client, "admin", ping, point.session.get(), reply)) return {{}, std::move(*failed)};
    mongoc_client_session_advance_operation_time(point.session.get(), not_before.seconds,
                                                 not_before.increment);
    mongoc_client_session_get_operation_time(point.session.get(), &point.at.seconds, &point.at.increment);
    if (point.at.empty())
        return {{},
                {Failure::Origin::server, 40573, "the server is no member of a replica set", false, false}};
    return {std::move(point), {}};
}

void Clients::Lent::give_back() {
    if (!client_) return;
    const std::lock_guard lock(owner_->mutex_);
    if (owner_->idle_.size() < most_idle) owner_->idle_.push_back(std::move(client_));
}

Result<Clients::Lent> Clients::borrow() {
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            Lent lent(shared_from_this(), std::move(idle_.back()));
            idle_.pop_back();
            return lent;
        }
    }
    HALCYON_TRY(auto client, make_client(options_));
    return Lent(shared_from_this(), std::move(client));
}

}  // namespace halcyon::mongo
