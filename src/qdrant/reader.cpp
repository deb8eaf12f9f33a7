#include "qdrant/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "qdrant/errors.hpp"
#include "qdrant/provenance.hpp"

namespace halcyon::qdrant {

namespace {

std::size_t at_most(std::size_t wanted, std::optional<std::uint64_t> limit) {
    return std::max<std::size_t>(1, limit ? std::min<std::size_t>(wanted, *limit) : wanted);
}

bool all_whole(const std::vector<HeldDocument>& documents) {
    return std::all_of(documents.begin(), documents.end(),
                       [](const HeldDocument& d) { return d.receipt().has_value(); });
}

}  // namespace

Task<Result<std::string>> Reader::ask(std::shared_ptr<Collection> collection, std::string what,
                                      std::string body, Deadline deadline) {
    const auto by = api_->bounded(deadline);
    const auto target = read_target(
        collection->physical, what,
        {api_->timeout_s(by, collection->info.timeout_s), collections_->consistency(*collection)});
    auto reply = co_await api_->ask({"POST", target, std::move(body)}, by);
    if (!reply) {
        auto e = std::move(reply).error();
        Collections::learn(*collection, e);
        if (e.verdict == Verdict::reject || e.verdict == Verdict::resync) e.verdict = Verdict::retry;
        co_return fail(std::move(e));
    }
    co_return std::move(reply).value();
}

// Points that are hidden until they are optimised must not be taken for missing.
Task<Result<>> Reader::nothing_deferred(std::shared_ptr<Collection> collection, Deadline deadline) {
    if (!collection->info.prevents_unoptimized) co_return success();
    auto info = co_await collections_->describe(collection->physical, deadline);
    if (!info) co_return fail(std::move(info).error());
    if (const auto hidden = info.value().deferred_points; hidden > 0)
        co_return fail(Verdict::retry, Cause::unavailable,
                       fmt::format("collection `{}` hides {} points until they are optimised",
                                   collection->physical, hidden));
    co_return success();
}

Task<Result<Reader::Found>> Reader::find(std::shared_ptr<Collection> collection,
                                         std::vector<std::string> tags, Deadline deadline) {
    Found found;
    const auto limit = at_most(1000, collection->info.query_limit);
    const auto most = at_most(api_->options().lookup_keys, collection->info.condition_size);
    for (std::size_t i = 0; i < tags.size(); i += most) {
        const auto end = std::min(i + most, tags.size());
        const std::vector<std::string> some(tags.begin() + static_cast<std::ptrdiff_t>(i),
                                            tags.begin() + static_cast<std::ptrdiff_t>(end));
        std::optional<std::string> from;
        do {
            auto body = lookup_body(some, from, limit);
            auto reply = co_await ask(collection, "scroll", std::move(body), deadline);
            if (!reply) co_return fail(std::move(reply).error());
            auto page = parse_scroll(reply.value());
            if (!page) co_return fail(std::move(page).error());
            std::move(page.value().chunks.begin(), page.value().chunks.end(), std::back_inserter(found));
            from = std::move(page.value().next);
        } while (from);
    }
    co_return found;
}

Task<Result<std::vector<HeldDocument>>> Reader::held(std::shared_ptr<Collection> collection,
                                                     std::vector<std::string> tags, Deadline deadline) {
    std::unordered_map<std::string, std::size_t> position;
    std::vector<std::string> once;
    for (const auto& tag : tags)
        if (position.emplace(tag, once.size()).second) once.push_back(tag);
    std::vector<HeldDocument> distinct(once.size());
    auto found = co_await find(collection, std::move(once), deadline);
    if (!found) co_return fail(std::move(found).error());
    for (auto& chunk : found.value())
        if (const auto at = position.find(chunk.tag); at != position.end())
            distinct[at->second].chunks.push_back(std::move(chunk.held));
    for (auto& document : distinct)
        std::sort(document.chunks.begin(), document.chunks.end(), [](const auto& a, const auto& b) {
            return std::tie(a.provenance.chunk, a.id) < std::tie(b.provenance.chunk, b.id);
        });
    if (distinct.size() == tags.size()) co_return distinct;
    std::vector<HeldDocument> documents;
    documents.reserve(tags.size());
    for (const auto& tag : tags) documents.push_back(distinct[position.at(tag)]);
    co_return documents;
}

Task<Result<std::vector<HeldDocument>>> Reader::lookup(CollectionName name, std::vector<DocumentKey> keys,
                                                       Deadline deadline) {
    if (keys.empty()) co_return std::vector<HeldDocument>();
    auto collection = co_await collections_->get(name, deadline);
    if (!collection) co_return fail(std::move(collection).error());
    std::vector<std::string> tags;
    tags.reserve(keys.size());
    for (const auto& key : keys) tags.push_back(document_tag(api_->options().source, name, key));
    auto documents = co_await held(collection.value(), tags, deadline);
    if (!documents || !collection.value()->info.prevents_unoptimized || all_whole(documents.value()))
        co_return documents;
    auto visible = co_await nothing_deferred(collection.value(), deadline);
    if (!visible) co_return fail(std::move(visible).error());
    // What was hidden while we read may have become visible before we asked: read again.
    co_return co_await held(collection.value(), std::move(tags), deadline);
}

Task<Result<ScrollPage>> Reader::scroll(CollectionName name, std::optional<std::string> from,
                                        std::size_t limit, Deadline deadline) {
    auto collection = co_await collections_->get(name, deadline);
    if (!collection) co_return fail(std::move(collection).error());
    if (!from) {
        auto visible = co_await nothing_deferred(collection.value(), deadline);
        if (!visible) co_return fail(std::move(visible).error());
    }
    auto body = scroll_body(from, at_most(limit, collection.value()->info.query_limit));
    auto reply = co_await ask(collection.value(), "scroll", std::move(body), deadline);
    if (!reply) co_return fail(std::move(reply).error());
    auto page = parse_scroll(reply.value());
    if (!page) co_return fail(std::move(page).error());
    ScrollPage result;
    result.chunks.reserve(page.value().chunks.size());
    for (auto& chunk : page.value().chunks) result.chunks.push_back(std::move(chunk.held));
    result.next = std::move(page.value().next);
    co_return result;
}

Task<Result<std::uint64_t>> Reader::count(CollectionName name, Deadline deadline) {
    auto collection = co_await collections_->get(name, deadline);
    if (!collection) co_return fail(std::move(collection).error());
    auto visible = co_await nothing_deferred(collection.value(), deadline);
    if (!visible) co_return fail(std::move(visible).error());
    auto reply = co_await ask(collection.value(), "count", count_body(), deadline);
    if (!reply) co_return fail(std::move(reply).error());
    co_return parse_count(reply.value());
}

}  // namespace halcyon::qdrant
