// What a server says about itself.
#include <sys/utsname.h>

#include <chrono>

#include "devstack/mongo/authorization.hpp"
#include "devstack/mongo/server.hpp"

namespace halcyon::devstack::mongo {
namespace {

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

void op_time(Builder& out, std::string_view name, const Server& server, ClusterTime time) {
    out.begin_document(name).timestamp("ts", time).add("t", server.term()).end();
}

std::int64_t wall(ClusterTime time) { return static_cast<std::int64_t>(seconds_of(time)) * 1000; }

std::int32_t wire_version(int major) {
    switch (major) {
        case 4:
            return 8;
        case 5:
            return 13;
        case 6:
            return 17;
        case 7:
            return 21;
        default:
            return 25;
    }
}

void hello(Context& context) {
    Server& server = context.server;
    Builder& reply = context.reply;
    const bool old = context.request->name != "hello";
    const ClusterTime last = server.oplog().last();
    if (old && (*context.request)["helloOk"].truthy() && server.major() >= 5) reply.add("helloOk", true);
    if (!server.standalone()) {
        reply.begin_array("hosts").add("0", server.host()).end().add("setName", server.options().replica_set);
        reply.add("setVersion", std::int32_t{1});
    }
    reply.add(old ? "ismaster" : "isWritablePrimary", true);
    if (!server.standalone()) {
        reply.add("secondary", false).add("primary", server.host()).add("me", server.host());
        reply.object_id("electionId", server.election_id()).begin_document("lastWrite");
        op_time(reply, "opTime", server, last);
        reply.date("lastWriteDate", wall(last));
        op_time(reply, "majorityOpTime", server, last);
        reply.date("majorityWriteDate", wall(last)).end();
    }
    reply.add("maxBsonObjectSize", std::int32_t{16777216}).add("maxMessageSizeBytes", std::int32_t{48000000});
    reply.add("maxWriteBatchSize", std::int32_t{100000}).date("localTime", now_ms());
    reply.add("logicalSessionTimeoutMinutes", std::int32_t{30})
        .add("connectionId", context.request->client->id);
    reply.add("minWireVersion", std::int32_t{0}).add("maxWireVersion", wire_version(server.major()));
    reply.add("readOnly", false);
    const Value mechanisms = (*context.request)["saslSupportedMechs"];
    if (mechanisms.is_string() && !server.options().users.empty())
        reply.begin_array("saslSupportedMechs").add("0", "SCRAM-SHA-1").add("1", "SCRAM-SHA-256").end();
}

void ping(Context&) {}

void build_info(Context& context) {
    Builder& reply = context.reply;
    const std::string& version = context.server.options().version;
    reply.add("version", version)
        .add("psmdbVersion", version)
        .add("gitVersion", "0")
        .begin_array("modules")
        .end();
    reply.add("allocator", "system").add("javascriptEngine", "none").add("sysInfo", "deprecated");
    reply.begin_array("versionArray");
    std::size_t start = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const bool more = i < 3 && start <= version.size();
        reply.add(Builder::index(i), more ? std::atoi(version.c_str() + start) : 0);
        const std::size_t dot = version.find('.', start);
        start = dot == std::string::npos ? version.size() + 1 : dot + 1;
    }
    reply.end().begin_document("openssl").add("running", "disabled").add("compiled", "disabled").end();
    // How the recorded server was built; somebody's tool may look for the field.
    reply.begin_document("buildEnvironment").add("distmod", "").add("distarch", "x86_64");
    reply.add("cc", "gcc-10: gcc-10 (Debian 10.2.1-6) 10.2.1 20210110");
    reply.add(
        "ccflags",
        "-w -fno-omit-frame-pointer -fno-strict-aliasing -g0 -pthread -Wall -Wsign-compare "
        "-Wno-unknown-pragmas "
        "-Winvalid-pch -O2 -Wno-unused-local-typedefs -Wno-unused-function -Wno-deprecated-declarations "
        "-Wno-unused-const-variable -Wno-unused-but-set-variable -Wno-missing-braces -fno-builtin-memcmp");
    reply.add("cxx", "g++-10: g++-10 (Debian 10.2.1-6) 10.2.1 20210110");
    reply.add("cxxflags",
              "-Woverloaded-virtual -Wpessimizing-move -Wredundant-move -Wno-maybe-uninitialized "
              "-fsized-deallocation "
              "-Wnon-virtual-dtor -std=c++17");
    reply.add(
        "linkflags",
        "-pthread -Wl,-z,now -rdynamic -fuse-ld=gold -Wl,--build-id -Wl,--hash-style=gnu -Wl,-z,noexecstack "
        "-Wl,--warn-execstack -Wl,-z,relro");
    reply.add("target_arch", "x86_64").add("target_os", "linux").end();
    reply.add("bits", std::int32_t{64}).add("debug", false).add("maxBsonObjectSize", std::int32_t{16777216});
    reply.begin_array("storageEngines").add("0", "biggie").add("1", "devnull").add("2", "ephemeralForTest");
    reply.add("3", "wiredTiger").end();
}

void append_member(Builder& reply, const Server& server, ClusterTime last, ClusterTime elected,
                   std::int32_t uptime) {
    reply.begin_array("members").begin_document("0").add("_id", std::int32_t{0}).add("name", server.host());
    reply.add("health", 1.0).add("state", std::int32_t{1}).add("stateStr", "PRIMARY").add("uptime", uptime);
    op_time(reply, "optime", server, last);
    reply.date("optimeDate", wall(last)).add("syncingTo", "").add("syncSourceHost", "");
    reply.add("syncSourceId", std::int32_t{-1}).add("infoMessage", "").timestamp("electionTime", elected);
    reply.date("electionDate", wall(elected)).add("configVersion", std::int32_t{1}).add("self", true);
    reply.add("lastHeartbeatMessage", "").end().end();
}

void replica_status(Context& context) {
    Server& server = context.server;
    if (server.standalone()) throw CommandError(76, "not running with --replSet");
    if (context.request->db != "admin")
        throw CommandError(13, "replSetGetStatus may only be run against the admin database.");
    const ClusterTime last = server.oplog().last();
    const ClusterTime elected = static_cast<ClusterTime>(server.started_seconds()) << 32 | 1;
    Builder& reply = context.reply;
    reply.add("set", server.options().replica_set).date("date", now_ms()).add("myState", std::int32_t{1});
    reply.add("term", server.term()).add("syncingTo", "").add("syncSourceHost", "");
    reply.add("syncSourceId", std::int32_t{-1}).add("heartbeatIntervalMillis", std::int64_t{2000});
    reply.add("majorityVoteCount", std::int32_t{1})
        .add("writeMajorityCount", std::int32_t{1})
        .begin_document("optimes");
    op_time(reply, "lastCommittedOpTime", server, last);
    reply.date("lastCommittedWallTime", wall(last));
    op_time(reply, "readConcernMajorityOpTime", server, last);
    reply.date("readConcernMajorityWallTime", wall(last));
    op_time(reply, "appliedOpTime", server, last);
    op_time(reply, "durableOpTime", server, last);
    reply.date("lastAppliedWallTime", wall(last)).date("lastDurableWallTime", wall(last)).end();
    reply.timestamp("lastStableRecoveryTimestamp", last).timestamp("lastStableCheckpointTimestamp", last);
    reply.begin_document("electionCandidateMetrics").add("lastElectionReason", "electionTimeout");
    reply.date("lastElectionDate", wall(elected)).add("electionTerm", server.term());
    const auto before = [&](std::string_view name, ClusterTime time) {
        reply.begin_document(name).timestamp("ts", time).add("t", std::int64_t{-1}).end();
    };
    before("lastCommittedOpTimeAtElection", 0);
    before("lastSeenOpTimeAtElection", elected);
    reply.add("numVotesNeeded", std::int32_t{1}).add("priorityAtElection", 1.0);
    reply.add("electionTimeoutMillis", std::int64_t{10000}).date("newTermStartDate", wall(elected));
    reply.date("wMajorityWriteAvailabilityDate", wall(elected)).end();
    const auto uptime =
        static_cast<std::int32_t>(now_ms() / 1000 - static_cast<std::int64_t>(server.started_seconds()));
    append_member(reply, server, last, elected, uptime);
}

void replica_config(Context& context) {
    Server& server = context.server;
    if (server.standalone()) throw CommandError(76, "not running with --replSet");
    Builder& reply = context.reply;
    reply.begin_document("config").add("_id", server.options().replica_set).add("version", std::int32_t{1});
    reply.add("protocolVersion", std::int64_t{1}).begin_array("members").begin_document("0");
    reply.add("_id", std::int32_t{0})
        .add("host", server.host())
        .add("priority", 1.0)
        .add("votes", std::int32_t{1});
    reply.end().end().begin_document("settings").object_id("replicaSetId", server.set_id()).end().end();
}

void get_parameter(Context& context) {
    bool any = false;
    for (const Element& element : context.request->body) {
        if (element.name != "featureCompatibilityVersion") continue;
        const std::string& version = context.server.options().version;
        const std::size_t dot = version.find('.', version.find('.') + 1);
        context.reply.begin_document("featureCompatibilityVersion")
            .add("version", version.substr(0, dot))
            .end();
        any = true;
    }
    if (!any) throw CommandError(72, "no option found to get");
}

void connection_status(Context& context) {
    const Server& server = context.server;
    const User* user = user_of(server.options().users, *context.request->client);
    const bool privileges = (*context.request)["showPrivileges"].truthy();
    Builder& reply = context.reply;
    reply.begin_document("authInfo").begin_array("authenticatedUsers");
    if (user != nullptr)
        reply.begin_document("0").add("user", user->name).add("db", context.request->client->user_db).end();
    reply.end().begin_array("authenticatedUserRoles");
    std::size_t i = 0;
    if (user != nullptr) {
        for (const Role& role : user->roles)
            reply.begin_document(Builder::index(i++)).add("role", role.name).add("db", role.db).end();
    }
    reply.end();
    if (privileges) {
        reply.begin_array("authenticatedUserPrivileges");
        i = 0;
        for (const Role& role : user == nullptr ? std::vector<Role>{} : user->roles) {
            for (const char* collection : {"system.js", ""}) {
                reply.begin_document(Builder::index(i++)).begin_document("resource").add("db", role.db);
                reply.add("collection", collection).end().begin_array("actions");
                std::size_t n = 0;
                for (const char* action : {"changeStream", "collStats", "dbHash", "dbStats", "find",
                                           "killCursors", "listCollections", "listIndexes", "planCacheRead"})
                    reply.add(Builder::index(n++), action);
                reply.end().end();
            }
        }
        reply.end();
    }
    reply.end();
}

void host_info(Context& context) {
    utsname names{};
    uname(&names);
    context.reply.begin_document("system")
        .date("currentTime", now_ms())
        .add("hostname", names.nodename)
        .end();
    context.reply.begin_document("os").add("type", names.sysname).add("name", names.release).end();
}

void server_status(Context& context) {
    Server& server = context.server;
    Builder& reply = context.reply;
    reply.add("host", server.host()).add("version", server.options().version).add("process", "mongod");
    reply.add("uptime",
              static_cast<double>(now_ms() / 1000 - static_cast<std::int64_t>(server.started_seconds())));
    reply.date("localTime", now_ms());
    if (server.stream_traits().split_large)
        reply.begin_document("metrics")
            .begin_document("changeStreams")
            .add("largeEventsSplit", server.split_events())
            .end()
            .end();
}

}  // namespace

void add_status_commands(Commands& commands) {
    constexpr unsigned open = Command::idl | Command::open_to_all;
    const Command greeting{
        hello,
        {"client", "compression", "helloOk", "saslSupportedMechs", "speculativeAuthenticate",
         "topologyVersion", "maxAwaitTimeMS", "hostInfo", "loadBalanced", "internalClient"},
        open};
    commands["isMaster"] = greeting;
    commands["ismaster"] = greeting;
    commands["hello"] = greeting;
    commands["ping"] = {ping, {}, open};
    commands["buildInfo"] = {build_info, {}, open};
    commands["buildinfo"] = {build_info, {}, open};
    commands["replSetGetStatus"] = {replica_status, {"initialSync"}, Command::idl};
    commands["replSetGetConfig"] = {replica_config, {}, Command::idl};
    commands["getParameter"] = {
        get_parameter, {"featureCompatibilityVersion", "allParameters"}, Command::idl};
    commands["connectionStatus"] = {connection_status, {"showPrivileges"}, open};
    commands["hostInfo"] = {host_info, {}, Command::idl};
    commands["serverStatus"] = {server_status, {"repl", "metrics", "locks"}, Command::idl};
}

}  // namespace halcyon::devstack::mongo
