#include "app/earlier_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace halcyon::app {
namespace {

using settings::Value;

constexpr std::array without_meaning{"INCREMENTAL_BACKFILL",
                                     "SKIP_BACKFILL_IF_EXISTS",
                                     "QDRANT_CHECK_BATCH_SIZE",
                                     "BACKFILL_BATCH_SIZE",
                                     "BACKFILL_COLLECTIONS",
                                     "BACKFILL_DRY_RUN",
                                     "WAIT_QUIET",
                                     "QUIET_PENDING_MAX",
                                     "QUIET_RETRYING_MAX",
                                     "QUIET_RUNNING_MAX",
                                     "QUIET_CONSECUTIVE",
                                     "POLL_SECS",
                                     "MAX_WAIT_SECS",
                                     "MAX_PENDING",
                                     "FORCE_REQUEUE",
                                     "PROJECT",
                                     "MINDSDB_FANOUT_WORKERS",
                                     "LETTA_API_KEY"};

class Filler {
  public:
    Filler(Value& root, const settings::Environment& environment) : root_(root), environment_(environment) {}

    void section(const char* name, const char* section, const char* key) {
        const auto* value = of(name);
        const Value* written = root_.find(section);
        const bool has_file = written != nullptr && set(written->find(std::string(key) + "_file"));
        if (value != nullptr && !has_file && settings::fill(root_, {section, key}, scalar(name, *value)))
            used(name);
    }

    void at(const char* name, const std::vector<std::string>& path, std::string_view unit = "") {
        const auto* value = of(name);
        if (value != nullptr && settings::fill(root_, path, scalar(name, *value + std::string(unit))))
            used(name);
    }

    void embedder() {
        constexpr auto name = "EMBEDDING_SERVICE_URL";
        const auto* value = of(name);
        const Value* embedders = root_.find("embedders");
        const Value* entry = embedders == nullptr ? nullptr : embedders->find("default");
        if (value == nullptr || entry == nullptr || !entry->is_map()) return;
        const Value* type = entry->find("type");
        if (type != nullptr && type->text == "lexical") return;
        if (settings::fill(root_, {"embedders", "default", "url"}, scalar(name, *value))) used(name);
    }

    void routes() {
        for (auto& section : root_.entries)
            if (section.key == "routes")
                for (auto& route : section.value.items) fill_route(route);
    }

    std::vector<std::string> notes() const {
        std::vector<std::string> out;
        if (!used_.empty())
            out.push_back(fmt::format("from the environment, since the settings leave it out: {}",
                                      fmt::join(used_, ", ")));
        std::vector<std::string_view> unused;
        for (const char* name : without_meaning)
            if (environment_.contains(name)) unused.push_back(name);
        if (!unused.empty())
            out.push_back(fmt::format("set in the environment, but not used by this release: {}",
                                      fmt::join(unused, ", ")));
        return out;
    }

  private:
    static bool set(const Value* value) { return value != nullptr && !value->is_null(); }
    const std::string* of(const char* name) const {
        const auto found = environment_.find(name);
        return found == environment_.end() || found->second.empty() ? nullptr : &found->second;
    }
    static Value scalar(const std::string& name, const std::string& text) {
        Value v = Value::of_text(text);
        v.raw = "${" + name + "}";
        v.place.origin = "environment variable " + name;
        return v;
    }
    void used(const std::string& name) {
        if (used_.empty() || used_.back() != name) used_.push_back(name);
    }
    void fill_route(Value& route) {
        if (!route.is_map()) return;
        for (auto& field : route.entries) {
            const auto* database = of("MONGODB_DATABASE");
            if (field.key != "from" || !field.value.is_scalar() || field.value.text.empty() ||
                field.value.text.find('.') != std::string::npos || database == nullptr)
                continue;
            field.value.text = *database + "." + field.value.text;
            used("MONGODB_DATABASE");
        }
        if (const auto* collection = of("QDRANT_COLLECTION");
            collection != nullptr && settings::fill(route, {"to"}, scalar("QDRANT_COLLECTION", *collection)))
            used("QDRANT_COLLECTION");
    }

    Value& root_;
    const settings::Environment& environment_;
    std::vector<std::string> used_;
};

}  // namespace

std::vector<std::string> fill_from_earlier_names(Value& root, const settings::Environment& environment) {
    Filler filler(root, environment);
    filler.section("MONGODB_URI", "mongodb", "uri");
    filler.section("QDRANT_URL", "qdrant", "url");
    filler.section("QDRANT_API_KEY", "qdrant", "api_key");
    filler.at("SYNC_WORKER_ENABLED", {"retry", "enabled"});
    filler.at("SYNC_WORKER_INTERVAL_MS", {"retry", "interval"}, "ms");
    filler.at("SYNC_WORKER_BATCH_SIZE", {"retry", "batch"});
    filler.at("SYNC_MAX_RETRIES", {"retry", "attempts"});
    filler.at("SYNC_BASE_BACKOFF_MS", {"retry", "backoff", "initial"}, "ms");
    filler.at("SYNC_BACKOFF_MULTIPLIER", {"retry", "backoff", "factor"});
    filler.at("SYNC_MAX_BACKOFF_MS", {"retry", "backoff", "cap"}, "ms");
    filler.embedder();
    filler.routes();
    return filler.notes();
}

}  // namespace halcyon::app
