#include "pipeline/decide/status_book.hpp"

namespace halcyon::pipeline {

bool StatusBook::add(const DocumentKey& key) {
    if (since_.contains(key)) return true;
    if (since_.size() >= most_) {
        ++dropped_;
        return false;
    }
    order_.emplace(next_, key);
    since_.emplace(key, next_++);
    return true;
}

bool StatusBook::note(const DocumentKey& key, const CollectionName& collection, News news) {
    const auto was_behind = behind_.contains({key, collection});
    if (news == News::unchanged && !was_behind) return false;
    if (news != News::behind)
        behind_.erase({key, collection});
    else if (behind_.size() < most_)
        behind_.emplace(key, collection);
    return add(key);
}

std::vector<DocumentKey> StatusBook::take(std::size_t most) {
    std::vector<DocumentKey> out;
    while (out.size() < most && !order_.empty()) {
        auto first = order_.extract(order_.begin());
        since_.erase(first.mapped());
        out.push_back(std::move(first.mapped()));
    }
    return out;
}

void StatusBook::put_back(const std::vector<DocumentKey>& keys) {
    for (const auto& key : keys) add(key);
}

}  // namespace halcyon::pipeline
