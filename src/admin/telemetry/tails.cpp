#include "admin/telemetry/tails.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "admin/telemetry/text.hpp"
#include "api/document_json.hpp"

namespace halcyon::admin {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_line = 2000;  // bytes

std::optional<std::string> rows_text(const json::array& rows, std::uint64_t skipped) {
    if (rows.empty() && skipped == 0) return std::nullopt;
    return fmt::format(R"("data":{},"skipped":{})", as_utf8(json::serialize(rows)), skipped);
}

}  // namespace

void EventTail::put(const DocumentKey& key, const PastEvent& event) {
    auto& row = ring_.put(static_cast<std::size_t>(event.what));
    row.key = key;
    row.event = event;
}

std::optional<std::string> EventTail::take(Cursor& from, const EventFilter& filter) const {
    const auto taken = ring_.take(from, filter.what, most_rows,
                                  [&](const Row& row) { return filter.fits(row.key, row.event); });
    json::array rows;
    for (const auto* row : taken.rows) {
        const auto& e = row->event;
        rows.push_back(json::object{
            {"at", rfc3339(e.at)},
            {"namespace", row->key.ns.text()},
            {"id", row->key.id.json()},
            {"collection", e.collection ? json::value(e.collection->value()) : json::value(nullptr)},
            {"what", to_string(e.what)},
            {"version", e.version.text()}});
    }
    return rows_text(rows, taken.skipped);
}

void LogTail::put(log::Level level, std::string_view component, std::string_view message, WallTime at) {
    const auto kind = static_cast<std::size_t>(level);
    if (kind >= levels) return;
    const std::lock_guard lock(mutex_);
    ring_.put(kind) = {at, level, std::string(component), api::bounded(message, longest_line)};
}

LogTail::Cursor LogTail::end() const {
    const std::lock_guard lock(mutex_);
    return ring_.end();
}

std::optional<std::string> LogTail::take(Cursor& from, log::Level least) const {
    std::array<bool, levels> wanted{};
    for (std::size_t i = 0; i < levels; ++i) wanted.at(i) = i >= static_cast<std::size_t>(least);
    const std::lock_guard lock(mutex_);
    const auto taken = ring_.take(from, wanted, most_rows, [](const Row&) { return true; });
    json::array rows;
    for (const auto* row : taken.rows)
        rows.push_back(json::object{{"at", rfc3339(row->at)},
                                    {"level", log::to_string(row->level)},
                                    {"component", row->component},
                                    {"message", row->message}});
    return rows_text(rows, taken.skipped);
}

}  // namespace halcyon::admin
