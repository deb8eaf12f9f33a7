#include "pipeline/decide/recent.hpp"

namespace halcyon::pipeline {
namespace {

Digest digest_of_key(const DocumentKey& key) {
    return DigestBuilder().add(key.ns.database).add(key.ns.collection).add(key.id.bytes()).finish();
}

}  // namespace

std::string_view to_string(Happened what) {
    switch (what) {
        case Happened::changed:
            return "changed in MongoDB";
        case Happened::deleted:
            return "deleted in MongoDB";
        case Happened::too_large:
            return "changed in MongoDB (too large for the stream: it is read by its key)";
        case Happened::embedded_and_written:
            return "embedded and written";
        case Happened::payload_written:
            return "payload written, the vectors stay";
        case Happened::removed:
            return "removed";
        case Happened::held_already:
            return "held already: nothing to write";
        case Happened::not_wanted:
            return "not wanted here, and not held";
        case Happened::superseded:
            return "superseded by something newer";
        case Happened::owed:
            return "put off until it can be written";
        case Happened::failed:
            return "an attempt failed";
        case Happened::buried:
            return "became a dead letter";
        case Happened::doubted:
            return "a write's fate is unknown";
    }
    return "";
}

void Recent::add(const DocumentKey& key, const CollectionName* collection, Happened what,
                 const Version& version, WallTime at) {
    const Entry entry{digest_of_key(key), at, version, collection, what};
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

}  // namespace halcyon::pipeline
