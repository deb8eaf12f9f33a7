#include "qdrant/collections.hpp"

#include <fmt/format.h>

#include "qdrant/json.hpp"

namespace halcyon::qdrant {

void Collections::put(std::shared_ptr<Collection> collection) {
    known_.insert_or_assign(collection->name, std::move(collection));
}

Task<Result<CollectionInfo>> Collections::describe(std::string physical, Deadline deadline) {
    auto body =
        co_await api_->ask({"GET", "/collections/" + path_segment(physical)}, api_->bounded(deadline));
    if (!body) co_return fail(std::move(body).error());
    co_return parse_collection(body.value());
}

Task<Result<std::shared_ptr<Collection>>> Collections::get(CollectionName name, Deadline deadline) {
    const auto found = known_.find(name);
    if (found == known_.end())
        co_return fail(Verdict::retry, Cause::not_found,
                       fmt::format("collection `{}` was not looked for yet", name.value()));
    auto collection = found->second;
    if (!collection->stale) co_return collection;
    auto info = co_await describe(collection->physical, deadline);
    if (!info) co_return fail(std::move(info).error());
    if (info.value().halcyon.identity != collection->info.halcyon.identity)
        co_return fail(
            Verdict::retry, Cause::conflict,
            fmt::format("collection `{}` is not the one it was: it was made again", collection->physical));
    collection->info = std::move(info).value();
    collection->stale = false;
    co_return collection;
}

void Collections::learn(Collection& collection, const Error& e) {
    if (e.verdict == Verdict::retry && (e.cause == Cause::too_large || e.cause == Cause::not_found))
        collection.stale = true;
    if (e.cause == Cause::dimension_mismatch) collection.stale = true;
}

std::string_view Collections::ordering(const Collection& collection) const {
    if (!api_->options().ordering.empty()) return api_->options().ordering;
    return collection.info.replicated ? "medium" : "";
}

std::string_view Collections::consistency(const Collection& collection) const {
    if (!api_->options().consistency.empty()) return api_->options().consistency;
    return collection.info.replicated ? "all" : "";
}

}  // namespace halcyon::qdrant
