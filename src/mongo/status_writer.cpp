#include "mongo/status_writer.hpp"

#include <fmt/format.h>
#include <mongoc/mongoc.h>

#include "mongo/client.hpp"
#include "mongo/status_protocol.hpp"

namespace halcyon::mongo {
namespace {

struct Free {
    void operator()(mongoc_collection_t* c) const { mongoc_collection_destroy(c); }
    void operator()(mongoc_bulk_operation_t* b) const { mongoc_bulk_operation_destroy(b); }
};

/// Refusals of single documents; nothing: the whole call failed.
std::optional<StatusWriter::Written> refusals(std::string_view reply) {
    StatusWriter::Written out;
    if (const auto concern = find_document(reply, "writeConcernErrors"); concern && concern->size() > 5)
        return {};
    for_each_document(reply, "writeErrors", [&](std::string_view error) {
        ++out.refused;
        out.why = std::string(find_text(error, "errmsg").value_or("")).substr(0, 200);
    });
    if (out.refused == 0) return {};
    return out;
}

Result<StatusWriter::Written> write_all(Clients& clients, const std::string& field,
                                        const std::vector<StatusRow>& rows) {
    std::map<Namespace, std::vector<const StatusRow*>> by_namespace;
    for (const auto& row : rows) by_namespace[row.key.ns].push_back(&row);
    HALCYON_TRY(auto lent, clients.borrow());
    StatusWriter::Written out;
    for (const auto& [ns, mine] : by_namespace) {
        const std::unique_ptr<mongoc_collection_t, Free> collection(
            mongoc_client_get_collection(lent.get(), ns.database.c_str(), ns.collection.c_str()));
        Bson options;
        bson_append_bool(options.get(), "ordered", -1, false);
        const std::unique_ptr<mongoc_bulk_operation_t, Free> bulk(
            mongoc_collection_create_bulk_operation_with_opts(collection.get(), options.get()));
        const auto attempt = status_attempt(ns);
        bson_error_t error{};
        for (const auto* row : mine)
            if (!mongoc_bulk_operation_update_one_with_opts(bulk.get(), Bson(status_selector(*row)).get(),
                                                            Bson(status_update(field, *row)).get(), nullptr,
                                                            &error))
                return fail(verdict(failure_of(error, nullptr), attempt));
        Bson reply;
        if (mongoc_bulk_operation_execute(bulk.get(), reply.out(), &error) != 0) continue;
        const auto refused = refusals(reply.bytes());
        if (!refused) return fail(verdict(failure_of(error, reply.get()), attempt));
        out.refused += refused->refused;
        out.why = refused->why;
    }
    lent.give_back();
    return out;
}

}  // namespace

MongoStatusWriter::MongoStatusWriter(async::Pool& pool, Options options, std::string field)
    : pool_(pool), clients_(std::make_shared<Clients>(std::move(options))), field_(std::move(field)) {}
MongoStatusWriter::~MongoStatusWriter() = default;

Task<Result<StatusWriter::Written>> MongoStatusWriter::write(std::vector<StatusRow> rows, Deadline) {
    co_return co_await async::on_pool(pool_, [clients = clients_, field = field_, mine = std::move(rows)] {
        return write_all(*clients, field, mine);
    });
}

}  // namespace halcyon::mongo
