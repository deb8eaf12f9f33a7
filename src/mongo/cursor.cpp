#include "mongo/cursor.hpp"

#include <mongoc/mongoc.h>

namespace halcyon::mongo {
namespace {

struct DestroyCollection {
    void operator()(mongoc_collection_t* c) const { mongoc_collection_destroy(c); }
};
using Collection = std::unique_ptr<mongoc_collection_t, DestroyCollection>;
struct DestroyCursor {
    void operator()(mongoc_cursor_t* c) const { mongoc_cursor_destroy(c); }
};
using Cursor = std::unique_ptr<mongoc_cursor_t, DestroyCursor>;

Collection collection_of(mongoc_client_t* client, const Namespace& ns) {
    return Collection(mongoc_client_get_collection(client, ns.database.c_str(), ns.collection.c_str()));
}

std::optional<Failure> drain(mongoc_cursor_t* cursor, const std::function<bool(std::string_view)>& each) {
    const bson_t* document = nullptr;
    while (mongoc_cursor_next(cursor, &document))
        if (!each(bytes_of(document))) return {};
    bson_error_t error{};
    const bson_t* reply = nullptr;
    if (!mongoc_cursor_error_document(cursor, &error, &reply)) return {};
    return failure_of(error, reply);
}

}  // namespace

std::optional<Failure> find(mongoc_client_t* client, const Namespace& ns, const Bson& filter,
                            const Bson& options, mongoc_client_session_t* session,
                            const std::function<bool(std::string_view)>& each) {
    Bson full(bytes_of(options.get()));
    bson_error_t error{};
    if (session && !mongoc_client_session_append(session, full.get(), &error))
        return failure_of(error, nullptr);
    const std::unique_ptr<mongoc_read_concern_t, decltype(&mongoc_read_concern_destroy)> concern(
        mongoc_read_concern_new(), &mongoc_read_concern_destroy);
    mongoc_read_concern_set_level(concern.get(), MONGOC_READ_CONCERN_LEVEL_MAJORITY);
    mongoc_read_concern_append(concern.get(), full.get());
    const auto collection = collection_of(client, ns);
    const Cursor cursor(
        mongoc_collection_find_with_opts(collection.get(), filter.get(), full.get(), nullptr));
    return drain(cursor.get(), each);
}

std::optional<Failure> aggregate(mongoc_client_t* client, const Namespace& ns, const Bson& pipeline,
                                 const Bson& options, const std::function<bool(std::string_view)>& each) {
    const auto collection = collection_of(client, ns);
    const Cursor cursor(mongoc_collection_aggregate(collection.get(), MONGOC_QUERY_NONE, pipeline.get(),
                                                    options.get(), nullptr));
    return drain(cursor.get(), each);
}

}  // namespace halcyon::mongo
