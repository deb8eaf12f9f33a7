// What `halcyon check` says of each remote. Pure: from answers to sentences.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/exit_code.hpp"
#include "core/ports/sink.hpp"
#include "mongo/probe.hpp"
#include "qdrant/inspector.hpp"

namespace halcyon::app {

enum class Level { ok, note, problem, unreachable };

struct Finding {
    Level level = Level::ok;
    std::string subject;  // "mongodb", "mongodb shop.products", "qdrant products", "embedder default"
    std::string text;
    std::string todo{};  // what an operator does about it; empty: nothing
};
using Findings = std::vector<Finding>;

/// `status_field`: where statuses are to be written; empty: nowhere.
Findings judge_mongo(const std::string& hosts, const Result<mongo::Probe>& probe,
                     const std::string& status_field = {});
Finding judge_server(const std::string& url, const Result<qdrant::ServerInspection>& server);
Finding judge_collection(const CollectionSpec& spec, const Result<qdrant::CollectionInspection>& found);
struct EmbedderAnswer {
    std::string identity;
    Result<std::uint32_t> dimension = std::uint32_t{0};
    std::optional<Error> embed{};          // why a text could not be embedded
    std::chrono::milliseconds for_text{};  // that one text took
};
Finding judge_embedder(const std::string& name, const EmbedderAnswer& answer);

/// Nobody answers, or is too busy to: exit code 4. Anything else is about rights, settings or versions.
bool is_away(const Error& error);

/// unreachable: somebody did not answer, so that the rest says little; failed: a problem; else done.
cli::Exit exit_of(const Findings& findings);
/// A line each, what to do indented below.
std::string text_of(const Findings& findings);
/// {"ok":false,"findings":[{"level":"problem","subject":..,"text":..,"todo":..}]}
std::string json_of(const Findings& findings);

}  // namespace halcyon::app
