#include "qdrant/marks.hpp"

#include "qdrant/json.hpp"

namespace halcyon::qdrant {

Task<Result<std::optional<WriterMark>>> Marks::read(CollectionName name, Deadline deadline) {
    auto collection = co_await collections_->get(std::move(name), deadline);
    if (!collection) co_return fail(std::move(collection).error());
    auto info = co_await collections_->describe(collection.value()->physical, deadline);
    if (!info) co_return fail(std::move(info).error());
    co_return std::move(info.value().writer);
}

Task<Result<>> Marks::write(CollectionName name, WriterMark mark, Deadline deadline) {
    auto collection = co_await collections_->get(std::move(name), deadline);
    if (!collection) co_return fail(std::move(collection).error());
    auto body = co_await api_->ask(
        {"PATCH", "/collections/" + path_segment(collection.value()->physical), mark_body(mark)},
        api_->bounded_admin(deadline));
    if (!body) co_return fail(std::move(body).error());
    co_return success();
}

}  // namespace halcyon::qdrant
