#include <fmt/format.h>

#include "app/commands.hpp"
#include "app/findings.hpp"
#include "app/runtime.hpp"
#include "mongo/change_feed.hpp"
#include "mongo/probe.hpp"
#include "mongo/reader.hpp"

namespace halcyon::app {
namespace {

constexpr auto patience = std::chrono::seconds(20);

Task<> ask_mongo(Runtime* rt, Findings* out) {
    const auto& options = rt->settings.mongodb;
    auto probe = co_await async::on_pool(rt->mongo_pool, [&options, namespaces = rt->namespaces()] {
        return mongo::probe(options, namespaces);
    });
    *out = judge_mongo(mongo::hosts_of(options), probe,
                       options.status_writeback ? options.status_field : std::string());
}

Task<> ask_qdrant(Runtime* rt, std::map<std::string, EmbedderAnswer>* embedders, Findings* out) {
    const auto deadline = Deadline::in(rt->clock, patience);
    auto server = co_await rt->qdrant.inspector->server(deadline);
    out->push_back(judge_server(rt->settings.qdrant.url, server));
    if (server.has_error()) co_return;
    for (const auto& c : rt->settings.pipeline.collections) {
        auto spec = c.spec;
        const auto& answer = embedders->at(c.embedder);
        spec.dimension = answer.dimension.has_value() ? answer.dimension.value() : 0;
        auto found = co_await rt->qdrant.inspector->collection(spec, deadline);
        out->push_back(judge_collection(spec, found));
    }
}

Task<EmbedderAnswer> ask_embedder(Runtime* rt, Embedder* embedder) {
    const auto deadline = Deadline::in(rt->clock, patience);
    EmbedderAnswer answer{embedder->identity()};
    answer.dimension = co_await embedder->dimension(deadline);
    if (answer.dimension.has_error()) co_return answer;
    const auto began = rt->clock.now();
    auto vectors = co_await embedder->embed({"does this embedder answer?"}, deadline);
    answer.for_text = std::chrono::duration_cast<std::chrono::milliseconds>(rt->clock.now() - began);
    if (vectors.has_error()) answer.embed = vectors.error();
    co_return answer;
}

Task<> ask_all(Runtime* rt, Findings* out) {
    co_await ask_mongo(rt, out);
    std::map<std::string, EmbedderAnswer> answers;
    for (auto& [name, embedder] : rt->embedders)
        answers.emplace(name, co_await ask_embedder(rt, embedder.get()));
    co_await ask_qdrant(rt, &answers, out);
    for (const auto& [name, answer] : answers) out->push_back(judge_embedder(name, answer));
}

}  // namespace

cli::Exit check_command(mongo::Driver& driver, AppSettings settings, bool offline, bool json) {
    Findings findings{{Level::ok, "settings",
                       fmt::format("{} routes into {} collections", settings.pipeline.routes.size(),
                                   settings.pipeline.collections.size())}};
    if (!offline) {
        Runtime rt(driver, std::move(settings));
        if (auto connected = rt.connect(); connected.has_error()) {
            findings.push_back({Level::problem, "settings", describe(connected.error())});
        } else {
            Findings asked;
            rt.run(ask_all(&rt, &asked));
            findings.insert(findings.end(), asked.begin(), asked.end());
        }
    }
    fmt::print("{}{}", json ? json_of(findings) : text_of(findings), json ? "\n" : "");
    return exit_of(findings);
}

}  // namespace halcyon::app
