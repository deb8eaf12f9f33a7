#include "mongo/survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mongo/cursor.hpp"
#include "mongo/reading.hpp"

namespace halcyon::mongo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_bytes = 2 * MiB;
constexpr std::array internal{"admin", "config", "local"};

/// What is left for the next request of one look.
struct Budget {
    Clock::time_point end;

    TimeLimit left() const {
        return std::max(std::chrono::ceil<TimeLimit>(end - Clock::now()), TimeLimit(0));
    }
};

Attempt administer(std::string doing, std::string privilege) {
    return {Attempt::What::administer, std::move(doing), std::move(privilege)};
}

std::string unfit(std::string_view name, std::string_view type) {
    if (name.starts_with("system.")) return "one of MongoDB's own";
    if (name.starts_with("enxcol_.")) return "one of MongoDB's own, for encrypted fields";
    if (type == "view") return "a view, which has no change stream";
    if (type == "timeseries") return "time series, which have no change stream";
    return {};
}

/// Collects documents until there are enough.
struct Sample {
    std::size_t most;
    std::vector<Document> documents{};
    std::size_t bytes = 0;

    bool add(std::string_view document) {
        if (!documents.empty() && bytes + document.size() > most_bytes) return false;
        bytes += document.size();
        documents.push_back(Document::trusted(std::string(document)));
        return documents.size() < most;
    }
};

std::optional<Failure> by_chance(_mongoc_client_t* client, const Namespace& ns, TimeLimit limit,
                                 Sample& sample) {
    Bson size;
    append(size, "size", static_cast<std::int32_t>(sample.most));
    Bson stage;
    append(stage, "$sample", size);
    BsonArray stages;
    stages.document(stage);
    Bson pipeline;
    append(pipeline, "pipeline", stages);
    Bson options;
    append(options, "maxTimeMS", static_cast<std::int32_t>(limit.count()));
    return aggregate(client, ns, pipeline, options,
                     [&](std::string_view document) { return sample.add(document); });
}

std::optional<Failure> the_first(_mongoc_client_t* client, const Namespace& ns, TimeLimit limit,
                                 Sample& sample) {
    Bson options;
    append(options, "limit", static_cast<std::int32_t>(sample.most));
    append(options, "maxTimeMS", static_cast<std::int32_t>(limit.count()));
    return find(client, ns, Bson(), options, nullptr,
                [&](std::string_view document) { return sample.add(document); });
}

/// 0: not told.
std::uint64_t average_of(_mongoc_client_t* client, const Namespace& ns, TimeLimit limit) {
    Bson command;
    append(command, "collStats", ns.collection);
    append(command, "maxTimeMS", static_cast<std::int32_t>(limit.count()));
    Bson reply;
    if (run(client, ns.database.c_str(), command, nullptr, reply)) return 0;
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, find_number(reply.bytes(), "avgObjSize").value_or(0)));
}

}  // namespace

Surveyor::Surveyor(Options options) : clients_(std::make_shared<Clients>(std::move(options))) {}
Surveyor::~Surveyor() = default;

Result<std::string> Surveyor::deployment() {
    HALCYON_TRY(auto identity, read_identity(*clients_, {}));
    return std::move(identity.deployment);
}

Result<std::vector<std::string>> Surveyor::databases() {
    HALCYON_TRY(auto lent, clients_->borrow());
    Bson list;
    append(list, "listDatabases", 1);
    append(list, "nameOnly", 1);
    Bson reply;
    if (const auto failed = run(lent.get(), "admin", list, nullptr, reply))
        return fail(verdict(
            *failed, administer("list the databases", "the role `read` on the databases that you mean")));
    std::vector<std::string> out;
    for_each_document(reply.bytes(), "databases", [&](std::string_view entry) {
        const auto name = find_text(entry, "name");
        if (name && std::ranges::find(internal, *name) == internal.end()) out.emplace_back(*name);
    });
    lent.give_back();
    std::ranges::sort(out);
    return out;
}

Result<std::vector<ListedCollection>> Surveyor::collections(const std::string& database) {
    HALCYON_TRY(auto lent, clients_->borrow());
    // Both together need no right of their own: each user sees what they may read.
    Bson list;
    append(list, "listCollections", 1);
    append(list, "nameOnly", 1);
    append(list, "authorizedCollections", 1);
    Bson cursor;
    append(cursor, "batchSize", 10'000);
    append(list, "cursor", cursor);
    Bson reply;
    if (const auto failed = run(lent.get(), database.c_str(), list, nullptr, reply))
        return fail(verdict(*failed, administer(fmt::format("list the collections of {}", database),
                                                fmt::format("the role `read` on database {}", database))));
    std::vector<ListedCollection> out;
    const auto bytes = reply.bytes();
    if (const auto outer = find_document(bytes, "cursor"))
        for_each_document(*outer, "firstBatch", [&](std::string_view entry) {
            const auto name = find_text(entry, "name");
            if (!name) return;
            out.push_back({{database, std::string(*name)},
                           unfit(*name, find_text(entry, "type").value_or("collection"))});
        });
    lent.give_back();
    std::ranges::sort(out, {}, &ListedCollection::ns);
    return out;
}

Result<CollectionLook> Surveyor::look(const Namespace& ns, std::size_t most,
                                      std::chrono::milliseconds limit) {
    const Budget budget{Clock::now() + limit};
    CollectionLook out;
    HALCYON_TRY(out.documents, read_estimate(*clients_, ns, budget.left()));
    HALCYON_TRY(auto lent, clients_->borrow());
    out.average_bytes = average_of(lent.get(), ns, std::max(budget.left(), TimeLimit(1)));
    Sample sample{most};
    // Half of the time is kept for the way that works everywhere.
    if (out.documents <= most || budget.left() < TimeLimit(2) ||
        by_chance(lent.get(), ns, budget.left() / 2, sample)) {
        sample = Sample{most};
        if (budget.left() == TimeLimit(0))
            return fail(Verdict::retry, Cause::timeout,
                        fmt::format("reading {} took longer than {} s", ns.text(),
                                    std::chrono::ceil<std::chrono::seconds>(limit).count()));
        if (const auto failed = the_first(lent.get(), ns, budget.left(), sample))
            return fail(read_error(*failed, ns));
    }
    lent.give_back();
    if (out.average_bytes == 0 && !sample.documents.empty())
        out.average_bytes = sample.bytes / sample.documents.size();
    out.documents = std::max<std::uint64_t>(out.documents, sample.documents.size());
    out.sample = std::move(sample.documents);
    return out;
}

}  // namespace halcyon::mongo
