#include "devstack/mongo/scan.hpp"

#include <algorithm>

namespace halcyon::devstack::mongo {

Scan::Scan(CollectionPtr collection, const ScanOptions& options)
    : collection_(std::move(collection)),
      matcher_(options.filter),
      bounds_(id_bounds(options.filter)),
      backwards_(options.backwards),
      min_(options.min),
      max_(options.max) {
    by_id_ = options.by_id || bounds_.present || min_ || max_;
    if (bounds_.lower && (!min_ || *bounds_.lower > *min_)) min_ = bounds_.lower;
    if (bounds_.exact && backwards_) std::reverse(bounds_.keys.begin(), bounds_.keys.end());
}

const Record* Scan::step_by_id() {
    if (bounds_.exact) {
        while (exact_ < bounds_.keys.size()) {
            const std::string& key = bounds_.keys[exact_++];
            if ((min_ && key < *min_) || (max_ && key >= *max_)) continue;
            const auto it = collection_->by_id.find(key);
            if (it == collection_->by_id.end()) continue;
            place_ = it->first;
            return &it->second;
        }
        return nullptr;
    }
    const auto& map = collection_->by_id;
    if (backwards_) {
        auto it = started_ ? map.lower_bound(place_) : (max_ ? map.lower_bound(*max_) : map.end());
        if (!started_ && !max_ && bounds_.upper) it = map.upper_bound(*bounds_.upper);
        started_ = true;
        if (it == map.begin()) return nullptr;
        --it;
        if (min_ && it->first < *min_) return nullptr;
        place_ = it->first;
        return &it->second;
    }
    const auto it = started_ ? map.upper_bound(place_) : (min_ ? map.lower_bound(*min_) : map.begin());
    started_ = true;
    if (it == map.end() || (max_ && it->first >= *max_) || (bounds_.upper && it->first > *bounds_.upper))
        return nullptr;
    place_ = it->first;
    return &it->second;
}

const Record* Scan::step_natural() {
    const auto& map = collection_->by_record;
    auto it = map.end();
    if (backwards_) {
        it = started_ ? map.lower_bound(record_) : map.end();
        if (it == map.begin()) return nullptr;
        --it;
    } else {
        it = started_ ? map.upper_bound(record_) : map.begin();
        if (it == map.end()) return nullptr;
    }
    started_ = true;
    record_ = it->first;
    place_ = it->second->first;
    return &it->second->second;
}

const Record* Scan::step() { return by_id_ ? step_by_id() : step_natural(); }

const Doc* Scan::next() {
    while (const Record* record = step()) {
        if (matcher_.everything() || matcher_.matches(View(*record->document))) return &record->document;
    }
    return nullptr;
}

}  // namespace halcyon::devstack::mongo
