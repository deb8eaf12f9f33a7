#include "mongo/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "mongo/cursor.hpp"

namespace halcyon::mongo {
namespace {

constexpr std::uint32_t command_not_found = 59;
constexpr std::uint32_t namespace_not_found = 26;
constexpr std::uint32_t no_replication = 76;
// Below it a sample costs the server more than one range costs us.
constexpr std::uint64_t worth_splitting = 5'000;
constexpr unsigned samples_a_part = 20;

Attempt administer(std::string doing, std::string privilege = "") {
    return {Attempt::What::administer, std::move(doing), std::move(privilege)};
}

std::int32_t ms(TimeLimit limit) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(limit.count(), 1, 3'600'000));
}

Bson& command(Bson& b, const char* name) {
    append(b, name, 1);
    return b;
}

/// What the server says of itself; servers before 4.4.2 know the command by its old name only.
std::optional<Failure> say_hello(_mongoc_client_t* client, Bson& reply) {
    Bson hello;
    auto failed = run(client, "admin", command(hello, "hello"), nullptr, reply);
    if (!failed || failed->code != command_not_found) return failed;
    Bson is_master;
    return run(client, "admin", command(is_master, "isMaster"), nullptr, reply);
}

/// "rs0/<id>" or "sharded/<id>"; without the id where the user may not see it.
Result<std::string> read_deployment(_mongoc_client_t* client) {
    const auto attempt = administer("ask MongoDB who it is");
    Bson hello;
    if (const auto failed = say_hello(client, hello)) return fail(verdict(*failed, attempt));
    const auto said = hello.bytes();
    if (find_text(said, "msg") == "isdbgrid") {
        std::string id;
        const auto failed =
            find(client, {"config", "version"}, Bson(), Bson(), nullptr, [&](std::string_view v) {
                id = find_hex(v, "clusterId").value_or("");
                return false;
            });
        if (failed && !unauthorized(*failed)) return fail(verdict(*failed, attempt));
        return "sharded" + (id.empty() ? "" : "/" + id);
    }
    const auto set = find_text(said, "setName");
    if (!set)
        return fail(verdict(
            {Failure::Origin::server, 40573, "the server is no member of a replica set", false, false},
            attempt));
    std::string id;
    Bson get_config;
    Bson config;
    const auto failed = run(client, "admin", command(get_config, "replSetGetConfig"), nullptr, config);
    // Only a missing right may leave the id out: a failure would look like another deployment.
    if (failed && !unauthorized(*failed) && failed->code != no_replication &&
        failed->code != command_not_found)
        return fail(verdict(*failed, attempt));
    if (!failed) {
        const auto bytes = config.bytes();
        const auto inner = find_document(bytes, "config");
        const auto settings = inner ? find_document(*inner, "settings") : std::nullopt;
        id = settings ? find_hex(*settings, "replicaSetId").value_or("") : "";
    }
    return std::string(*set) + (id.empty() ? "" : "/" + id);
}

Result<> read_uuids(_mongoc_client_t* client, const std::string& database,
                    const std::vector<Namespace>& namespaces, SourceIdentity& identity) {
    BsonArray names;
    for (const auto& ns : namespaces)
        if (ns.database == database) names.text(ns.collection);
    Bson in;
    append(in, "$in", names);
    Bson filter;
    append(filter, "name", in);
    Bson list;
    command(list, "listCollections");
    append(list, "filter", filter);
    // One batch holds them all: there is an entry a routed collection.
    Bson cursor;
    append(cursor, "batchSize", 10'000);
    append(list, "cursor", cursor);
    Bson reply;
    if (const auto failed = run(client, database.c_str(), list, nullptr, reply)) {
        if (unauthorized(*failed) || failed->code == namespace_not_found) return success();
        return fail(verdict(*failed, administer(fmt::format("list the collections of {}", database))));
    }
    const auto bytes = reply.bytes();
    const auto outer = find_document(bytes, "cursor");
    if (!outer) return success();
    for_each_document(*outer, "firstBatch", [&](std::string_view entry) {
        const auto name = find_text(entry, "name");
        const auto info = find_document(entry, "info");
        const auto uuid = info ? find_hex(*info, "uuid") : std::nullopt;
        if (name && uuid) identity.uuids.emplace_back(Namespace{database, std::string(*name)}, *uuid);
    });
    return success();
}

Result<ClusterTime> end_of_oplog(_mongoc_client_t* client, int order, TimeLimit limit) {
    Bson natural;
    append(natural, "$natural", order);
    Bson fields;
    append(fields, "ts", 1);
    Bson options;
    append(options, "sort", natural);
    append(options, "projection", fields);
    append(options, "limit", 1);
    append(options, "maxTimeMS", ms(limit));
    std::optional<ClusterTime> time;
    const auto failed =
        find(client, {"local", "oplog.rs"}, Bson(), options, nullptr, [&](std::string_view entry) {
            time = find_time(entry, "ts");
            return false;
        });
    if (failed && unauthorized(*failed))
        return fail(Verdict::fatal, Cause::unauthorized,
                    "the MongoDB user may not read local.oplog.rs; grant it the role `read` on local");
    if (failed && failed->code != namespace_not_found)
        return fail(verdict(*failed, administer("read the oplog's ends")));
    if (!time)
        return fail(Verdict::fatal, Cause::unsupported,
                    "no oplog is to be seen here (in a sharded cluster each shard has its own)");
    return *time;
}

/// Of what the oplog may hold. 1 where that cannot be asked: then each entry counts as the last but one.
double oplog_used(_mongoc_client_t* client) {
    Bson command;
    append(command, "collStats", "oplog.rs");
    Bson reply;
    if (run(client, "local", command, nullptr, reply)) return 1;
    const auto bytes = reply.bytes();
    const auto size = find_number(bytes, "size");
    const auto most = find_number(bytes, "maxSize");
    if (!size || !most || *size <= 0 || *most <= 0) return 1;
    return std::min(1.0, static_cast<double>(*size) / static_cast<double>(*most));
}

}  // namespace

Error read_error(const Failure& failure, const Namespace& ns) {
    return verdict(failure, {Attempt::What::read, fmt::format("read {}", ns.text()),
                             fmt::format("the role `read` on database {}", ns.database)});
}

Result<SourceIdentity> read_identity(Clients& clients, const std::vector<Namespace>& namespaces) {
    HALCYON_TRY(auto lent, clients.borrow());
    auto* client = lent.get();
    SourceIdentity identity;
    HALCYON_TRY(identity.deployment, read_deployment(client));
    std::vector<std::string> databases;
    for (const auto& ns : namespaces) databases.push_back(ns.database);
    std::sort(databases.begin(), databases.end());
    databases.erase(std::unique(databases.begin(), databases.end()), databases.end());
    for (const auto& database : databases) {
        HALCYON_TRY(read_uuids(client, database, namespaces, identity));
    }
    std::sort(identity.uuids.begin(), identity.uuids.end());
    {
        const auto read = read_point(client, {});
        if (!read.point) return fail(verdict(read.failure, administer("ask MongoDB for its operation time")));
        identity.operation_time = read.point->at;
    }
    lent.give_back();
    return identity;
}

Result<std::uint64_t> read_estimate(Clients& clients, const Namespace& ns, TimeLimit limit) {
    HALCYON_TRY(auto lent, clients.borrow());
    Bson count;
    append(count, "count", ns.collection);
    append(count, "maxTimeMS", ms(limit));
    Bson reply;
    if (const auto failed = run(lent.get(), ns.database.c_str(), count, nullptr, reply))
        return fail(read_error(*failed, ns));
    lent.give_back();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, find_number(reply.bytes(), "n").value_or(0)));
}

std::vector<IdRange> ranges_of_sample(const std::vector<DocId>& sorted, unsigned parts) {
    std::vector<DocId> borders;
    for (unsigned i = 1; i < parts && !sorted.empty(); ++i) {
        const auto& border = sorted[sorted.size() * i / parts];
        // Sorted by the server: equal ones stand together, whatever order our bytes have.
        if (borders.empty() || borders.back() != border) borders.push_back(border);
    }
    std::vector<IdRange> ranges(borders.size() + 1);
    for (std::size_t i = 0; i < borders.size(); ++i) {
        ranges[i].max = borders[i];
        ranges[i + 1].min = borders[i];
    }
    return ranges;
}

Result<std::vector<IdRange>> read_split(Clients& clients, const Namespace& ns, unsigned parts,
                                        TimeLimit limit) {
    HALCYON_TRY(const auto documents, read_estimate(clients, ns, limit));
    if (parts <= 1 || documents < worth_splitting) return std::vector<IdRange>(1);
    HALCYON_TRY(auto lent, clients.borrow());
    Bson size;
    append(size, "size", static_cast<std::int32_t>(parts * samples_a_part));
    Bson sample;
    append(sample, "$sample", size);
    Bson id;
    append(id, "_id", 1);
    Bson project;
    append(project, "$project", id);
    Bson sort;
    append(sort, "$sort", id);
    BsonArray stages;
    for (const auto* stage : {&sample, &project, &sort}) stages.document(*stage);
    Bson pipeline;
    append(pipeline, "pipeline", stages);
    Bson options;
    append(options, "maxTimeMS", ms(limit));
    std::vector<DocId> ids;
    std::optional<Error> odd;
    const auto failed = aggregate(lent.get(), ns, pipeline, options, [&](std::string_view document) {
        auto found = DocId::of(document);
        if (!found) odd = found.error();
        if (found) ids.push_back(std::move(found.value()));
        return !odd;
    });
    if (failed) return fail(read_error(*failed, ns));
    if (odd) return fail(std::move(*odd));
    lent.give_back();
    return ranges_of_sample(ids, parts);
}

Result<LookupResult> read_documents(Clients& clients, const Namespace& ns, const std::vector<DocId>& ids,
                                    ClusterTime not_before, TimeLimit limit) {
    HALCYON_TRY(auto lent, clients.borrow());
    auto read = read_point(lent.get(), not_before);
    if (!read.point) return fail(read_error(read.failure, ns));
    LookupResult out{read.point->at, {}};
    out.documents.resize(ids.size());
    std::unordered_map<std::string_view, std::vector<std::size_t>> asked;
    BsonArray wanted;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        auto& places = asked[ids[i].bytes()];
        if (places.empty()) wanted.first_of(ids[i].bytes());
        places.push_back(i);
    }
    Bson in;
    append(in, "$in", wanted);
    Bson filter;
    append(filter, "_id", in);
    Bson options;
    append(options, "maxTimeMS", ms(limit));
    const auto failed =
        find(lent.get(), ns, filter, options, read.point->session.get(), [&](std::string_view document) {
            const auto id = DocId::of(document);
            const auto at = id ? asked.find(id.value().bytes()) : asked.end();
            if (at == asked.end()) return true;
            const auto found = Document::trusted(std::string(document));
            for (const auto place : at->second) out.documents[place] = found;
            return true;
        });
    if (failed) return fail(read_error(*failed, ns));
    read.point.reset();  // the session goes before its client does
    lent.give_back();
    return out;
}

Result<History> read_history(Clients& clients, TimeLimit limit) {
    HALCYON_TRY(auto lent, clients.borrow());
    History history;
    // The oldest first: if it goes meanwhile, too little is told rather than too much.
    HALCYON_TRY(history.oldest, end_of_oplog(lent.get(), 1, limit));
    HALCYON_TRY(history.newest, end_of_oplog(lent.get(), -1, limit));
    history.used = oplog_used(lent.get());
    lent.give_back();
    return history;
}

}  // namespace halcyon::mongo
