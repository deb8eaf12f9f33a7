#include "pipeline/decide/recent.hpp"

namespace halcyon::pipeline {
namespace {

Digest digest_of_key(const DocumentKey& key) {
    return DigestBuilder().add(key.ns.database).add(key.ns.collection).add(key.id.bytes()).finish();
}

}  // namespace

void Recent::add(const DocumentKey& key, const CollectionName* collection, Happened what,
                 const Version& version, WallTime at) {
    const Entry entry{digest_of_key(key), at, version, collection, what};
    if (tail) tail(key, entry);
    if (entries_.size() < size_) {
        entries_.push_back(entry);
        return;
    }
    entries_[next_] = entry;
    next_ = (next_ + 1) % size_;
}

std::vector<Recent::Entry> Recent::of(const DocumentKey& key) const {
    const auto wanted = digest_of_key(key);
    std::vector<Entry> out;
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (const auto& e = entries_[(next_ + i) % entries_.size()]; e.key == wanted) out.push_back(e);
    return out;
}

PastEvent past(const Recent::Entry& e) {
    return {e.at, e.collection ? std::optional(*e.collection) : std::nullopt, e.what, e.version};
}

}  // namespace halcyon::pipeline
