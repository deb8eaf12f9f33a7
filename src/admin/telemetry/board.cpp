#include "admin/telemetry/board.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>

#include "admin/telemetry/merge_patch.hpp"
#include "admin/telemetry/text.hpp"
#include "api/job_json.hpp"

namespace halcyon::admin {
namespace {

namespace json = boost::json;
using Text = std::shared_ptr<const std::string>;

constexpr std::size_t ended_jobs = 10;

/// `now` is left out: it would be all that changes, and each message has its own time.
json::object pipeline_data(const api::Snapshot& s) {
    auto out = api::pipeline_json(s);
    out.erase("now");
    json::object routes, held;
    for (const auto& r : s.overview.routes)
        routes[fmt::format("{} -> {}", r.from, r.to)] = api::route_json(r);
    for (const auto& [guard, question] : s.overview.held) held[guard] = question;
    out["routes"] = std::move(routes);
    out["held"] = std::move(held);
    return out;
}

json::object collections_data(const api::Snapshot& s) {
    json::object out;
    for (const auto& c : s.overview.collections) out[c.name] = api::collection_json(c, s.counts);
    return out;
}

json::object jobs_data(const std::vector<Job>& jobs) {
    json::object out;
    std::size_t ended = 0;
    for (const auto& job : jobs) {
        const bool goes_on = job.state == JobState::running || job.state == JobState::paused;
        if (goes_on || ++ended <= ended_jobs) out[job.id] = api::job_json(job);
    }
    return out;
}

}  // namespace

struct Board::Known {
    std::uint64_t generation = 0;
    std::optional<json::object> data;  // nothing: too old to be kept
};

struct Board::State {
    struct Now {
        KnownPtr known;  // null: not gathered yet
        /// Those that clients may still hold, oldest first.
        std::vector<std::weak_ptr<Known>> older;
        Text snapshot;
        std::map<std::uint64_t, Text> deltas;  // by what is known
    };
    std::array<Now, state_topics> topics;
    std::string at;

    void set(Topic topic, json::object data) {
        drop_nulls(data);
        auto& now = topics.at(index_of(topic));
        now.snapshot.reset();
        now.deltas.clear();
        if (now.known && *now.known->data == data) return;
        std::erase_if(now.older, [](const auto& k) { return k.expired(); });
        const auto generation = now.known ? now.known->generation + 1 : 1;
        if (now.known) now.older.emplace_back(now.known);
        now.known = std::make_shared<Known>(generation, std::move(data));
        while (now.older.size() > kept) {
            if (const auto oldest = now.older.front().lock()) oldest->data.reset();
            now.older.erase(now.older.begin());
        }
    }

    Text message(std::string_view type, Topic topic, const json::object& data) const {
        return std::make_shared<const std::string>(
            fmt::format(R"("type":"{}","topic":"{}","at":"{}","data":{}}})", type,
                        topic_names.at(index_of(topic)), at, as_utf8(json::serialize(data))));
    }
};

Board::Board() : state_(std::make_unique<State>()) {}
Board::~Board() = default;

void Board::update(const api::Snapshot& snapshot, const std::vector<Job>& jobs) {
    state_->at = rfc3339(snapshot.now);
    state_->set(Topic::pipeline, pipeline_data(snapshot));
    state_->set(Topic::collections, collections_data(snapshot));
    state_->set(Topic::jobs, jobs_data(jobs));
    state_->set(Topic::fanout, {{"targets", json::object()}});
}

Text Board::news(Topic topic, KnownPtr& known) {
    auto& now = state_->topics.at(index_of(topic));
    if (!now.known || known == now.known) return nullptr;
    const auto before = std::exchange(known, now.known);
    if (!before || !before->data) {
        if (!now.snapshot) now.snapshot = state_->message("snapshot", topic, *now.known->data);
        return now.snapshot;
    }
    const auto [at, fresh] = now.deltas.try_emplace(before->generation);
    if (fresh)
        if (const auto patch = merge_patch(*before->data, *now.known->data); !patch.empty())
            at->second = state_->message("delta", topic, patch);
    return at->second;
}

}  // namespace halcyon::admin
