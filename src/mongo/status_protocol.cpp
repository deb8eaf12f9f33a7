#include "mongo/status_protocol.hpp"

#include <fmt/format.h>

#include "core/bson.hpp"

namespace halcyon::mongo {
namespace {

using bson::Type;

template <class T>
std::string raw(T value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string entry(const StatusEntry& e) {
    std::string out;
    const auto opened = bson::open(out);
    const auto text = [&](const char* name, std::string_view s) {
        if (s.empty())
            bson::append(out, Type::null, name, {});
        else
            bson::append_text(out, Type::string, name, s);
    };
    const auto time = [&](const char* name, WallTime at) {
        if (at.ms == 0)
            bson::append(out, Type::null, name, {});
        else
            bson::append(out, Type::date, name, raw(std::int64_t{at.ms}));
    };
    text("status", to_string(e.status));
    time("lastSyncedAt", e.last_synced);
    time("lastSyncAttemptAt", e.last_attempt);
    text("lastError", e.last_error);
    text("errorCode", to_string(e.code));
    bson::append(out, Type::int32, "retryCount", raw(static_cast<std::int32_t>(e.retries)));
    text("contentHash", e.content_hash);
    bson::append(out, Type::int32, "vectorVersion", raw(static_cast<std::int32_t>(e.vector_version)));
    bson::close(out, opened);
    return out;
}

}  // namespace

std::string path_mistake(std::string_view name) {
    if (name.empty()) return "is empty";
    if (name.find('.') != std::string_view::npos) return "has a dot, which divides paths in MongoDB";
    if (name.front() == '$') return "begins with $, which MongoDB takes for an operator";
    if (name.find('\0') != std::string_view::npos) return "has a zero byte";
    return {};
}

Attempt status_attempt(const Namespace& ns) {
    return {Attempt::What::administer, fmt::format("write statuses into {}", ns.text()),
            fmt::format("the action `update` on {} (for example the role `readWrite` on {})", ns.text(),
                        ns.database)};
}

std::string status_selector(const StatusRow& row) { return std::string(row.key.id.bytes()); }

std::string status_update(const std::string& field, const StatusRow& row) {
    std::string set, unset, out;
    const auto in_set = bson::open(set);
    const auto in_unset = bson::open(unset);
    const auto gone = [&](const std::string& path) {
        bson::append_text(unset, Type::string, path, "");
        return true;
    };
    bool some_gone = false;
    for (const auto& [name, e] : row.collections) {
        const auto path = field + ".collections." + name.value();
        if (e)
            bson::append(set, Type::object, path, entry(*e));
        else
            some_gone = gone(path);
    }
    const auto overall = row.overall();
    if (overall)
        bson::append_text(set, Type::string, field + ".overallStatus", to_string(*overall));
    else
        some_gone = gone(field + ".overallStatus");
    bson::close(set, in_set);
    bson::close(unset, in_unset);
    const auto opened = bson::open(out);
    // Older servers take no empty operator.
    if (overall) bson::append(out, Type::object, "$set", set);
    if (some_gone) bson::append(out, Type::object, "$unset", unset);
    bson::close(out, opened);
    return out;
}

}  // namespace halcyon::mongo
