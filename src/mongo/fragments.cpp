#include "mongo/fragments.hpp"

#include <algorithm>

#include "core/bson.hpp"
#include "mongo/bson.hpp"
#include "mongo/token.hpp"

namespace halcyon::mongo {
namespace {

std::optional<ClusterTime> time_of(std::string_view event) {
    const auto token = find_document(event, "_id");
    const auto hex = token ? find_text(*token, "_data") : std::nullopt;
    return hex ? token_time(*hex) : std::nullopt;
}

}  // namespace

void Fragments::drop() {
    taken_ = of_ = 0;
    names_.clear();
    // A split event is rare, and its bytes are many.
    event_ = {};
}

Fragments::Said Fragments::broken() {
    drop();
    return Said::broken;
}

bool Fragments::follows(std::int64_t fragment, std::int64_t of, std::optional<ClusterTime> time) const {
    if (fragment != taken_ + 1 || fragment > of) return false;
    return taken_ == 0 || (of == of_ && time == time_);
}

bool Fragments::add_fields(std::string_view fragment) {
    if (event_.size() + fragment.size() > most) return false;
    bson::Reader reader(fragment);
    for (bson::Field field; reader.next(field);) {
        if (field.key == "_id" || field.key == "splitEvent") continue;
        if (std::find(names_.begin(), names_.end(), field.key) != names_.end()) return false;
        names_.emplace_back(field.key);
        bson::append(event_, field.value.type, field.key, field.value.bytes);
    }
    return !reader.failed();
}

Fragments::Said Fragments::take(std::string_view event) {
    const auto split = find_document(event, "splitEvent");
    if (!split) return open() ? broken() : Said::whole;
    const auto fragment = find_number(*split, "fragment").value_or(0);
    const auto of = find_number(*split, "of").value_or(0);
    const auto time = time_of(event);
    if (!follows(fragment, of, time)) return broken();
    if (taken_ == 0) {
        event_.clear();
        begin_ = bson::open(event_);
        of_ = of;
        time_ = time;
    }
    if (!add_fields(event)) return broken();
    if (++taken_ < of_) return Said::more;
    if (const auto token = find_document(event, "_id"))
        bson::append(event_, bson::Type::object, "_id", *token);
    bson::close(event_, begin_);
    taken_ = of_ = 0;
    names_.clear();
    return Said::complete;
}

}  // namespace halcyon::mongo
