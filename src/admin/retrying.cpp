#include "admin/retrying.hpp"

#include <algorithm>

#include "admin/body.hpp"
#include "api/document_json.hpp"

namespace halcyon::admin {
namespace {

constexpr std::size_t at_once = 1000;

}  // namespace

Task<Result<std::vector<ReceiptKey>>> keys_with(StateReader* state, Edges routes,
                                                std::optional<CollectionName> collection, SyncStatus status) {
    std::vector<ReceiptKey> keys;
    std::optional<std::string> from;
    do {
        HALCYON_CO_TRY(auto page,
                       co_await state->documents({collection, {}, status}, from, api::largest_page));
        for (auto& [key, stored] : page.rows)
            if (leads(routes, key.document.ns.text(), key.collection.value())) keys.push_back(std::move(key));
        from = page.next;
    } while (from);
    co_return keys;
}

Task<Result<std::set<DocumentKey>>> known_of(StateReader* state, std::vector<ReceiptKey> keys) {
    HALCYON_CO_TRY(const auto stored, co_await state->stored(keys));
    std::set<DocumentKey> known;
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (stored[i] != Stored{}) known.insert(keys[i].document);
    co_return known;
}

Task<Result<>> retry_all(DocumentControl* documents, std::vector<ReceiptKey> keys, RetryRequest how) {
    for (std::size_t at = 0; at < keys.size(); at += at_once) {
        const auto first = keys.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = keys.begin() + static_cast<std::ptrdiff_t>(std::min(at + at_once, keys.size()));
        HALCYON_CO_TRY(co_await documents->retry({first, end}, how));
    }
    co_return success();
}

}  // namespace halcyon::admin
