#include "mongo/probe.hpp"

#include <mongoc/mongoc.h>

#include <algorithm>
#include <charconv>

#include "mongo/feed_reader.hpp"
#include "mongo/reading.hpp"
#include "mongo/status_protocol.hpp"

namespace halcyon::mongo {
namespace {

constexpr TimeLimit patience{10'000};

std::pair<int, int> major_minor(std::string_view version) {
    std::pair<int, int> out{0, 0};
    const auto* end = version.data() + version.size();
    const auto first = std::from_chars(version.data(), end, out.first);
    if (first.ptr != end) std::from_chars(first.ptr + 1, end, out.second);
    return out;
}

bool supported(std::string_view version) {
    const auto v = major_minor(version);
    return v >= std::pair{4, 2} && v.first <= 8;
}

/// Opens the stream as the feed would, and ends it.
std::optional<Error> try_to_watch(const Options& options, const std::vector<Namespace>& namespaces) {
    std::stop_source source;
    std::optional<Error> failed;
    read_feed({options, namespaces, nullptr, {}}, source.get_token(), [&](FeedMessage m) {
        if (auto* error = std::get_if<Error>(&m)) failed = std::move(*error);
        source.request_stop();
    });
    return failed;
}

/// MongoDB asks for the right before it looks for the document, and nobody has this `_id`: it is new.
std::optional<Error> try_to_write_status(Clients& clients, const std::string& field, const Namespace& ns) {
    auto lent = clients.borrow();
    if (lent.has_error()) return lent.error();
    bson_oid_t nobody;
    bson_oid_init(&nobody, nullptr);
    Bson selector, value, set, update, command, reply;
    BsonArray updates;
    bson_append_oid(selector.get(), "_id", -1, &nobody);
    append(value, (field + ".overallStatus").c_str(), "synced");
    append(set, "$set", value);
    append(update, "q", selector);
    append(update, "u", set);
    bson_append_bool(update.get(), "upsert", -1, false);
    updates.document(update);
    append(command, "update", ns.collection);
    append(command, "updates", updates);
    const auto failed = run(lent.value().get(), ns.database.c_str(), command, nullptr, reply);
    if (failed) return verdict(*failed, status_attempt(ns));
    lent.value().give_back();
    return {};
}

}  // namespace

Result<Probe> probe(const Options& options, const std::vector<Namespace>& namespaces) {
    const auto clients = std::make_shared<Clients>(options);
    Probe out;
    {
        HALCYON_TRY(auto lent, clients->borrow());
        Bson build_info;
        append(build_info, "buildInfo", 1);
        Bson reply;
        if (const auto failed = run(lent.get(), "admin", build_info, nullptr, reply))
            return fail(verdict(*failed, {Attempt::What::administer,
                                          "ask MongoDB at " + hosts_of(options) + " for its version", ""}));
        out.version = find_text(reply.bytes(), "version").value_or("");
        lent.give_back();
    }
    out.supported = supported(out.version);
    out.watching = watch_for(namespaces).doing();
    auto identity = read_identity(*clients, namespaces);
    if (identity)
        out.deployment = identity.value().deployment;
    else if (identity.error().cause != Cause::unsupported)
        return fail(identity.error());
    out.watch = try_to_watch(options, namespaces);
    for (const auto& ns : namespaces) {
        NamespaceProbe n{ns, false, 0, {}, {}};
        const auto count = read_estimate(*clients, ns, patience);
        if (count)
            n.documents = count.value();
        else
            n.find = count.error();
        n.exists = n.documents > 0 ||
                   (identity && std::any_of(identity.value().uuids.begin(), identity.value().uuids.end(),
                                            [&](const auto& u) { return u.first == ns; }));
        if (options.status_writeback) n.status = try_to_write_status(*clients, options.status_field, ns);
        out.namespaces.push_back(std::move(n));
    }
    const auto history = read_history(*clients, patience);
    if (history) out.history = history.value().reach();
    return out;
}

}  // namespace halcyon::mongo
