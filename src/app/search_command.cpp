#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "app/commands.hpp"
#include "app/findings.hpp"
#include "app/hits.hpp"
#include "app/runtime.hpp"
#include "cli/table.hpp"
#include "mongo/change_feed.hpp"
#include "mongo/reader.hpp"

namespace halcyon::app {
namespace {

constexpr auto patience = std::chrono::seconds(60);

using Hits = std::vector<qdrant::Hit>;

Task<> find(Runtime* rt, const pipeline::CollectionOptions* collection, SearchOptions asked,
            std::optional<Result<Hits>>* out) {
    const auto deadline = Deadline::in(rt->clock, patience);
    auto vectors = co_await rt->embedders.at(collection->embedder)->embed({asked.words}, deadline);
    if (vectors.has_error()) {
        *out = fail(vectors.error().in("embedding the words"));
        co_return;
    }
    *out = co_await rt->qdrant.search->search({collection->spec.name,
                                               vectors.value().front().json,
                                               asked.limit,
                                               {},
                                               collection->spec.vector_name.value_or("")},
                                              deadline);
}

}  // namespace

cli::Exit search_command(mongo::Driver& driver, AppSettings settings, SearchOptions options) {
    Runtime rt(driver, std::move(settings));
    const auto& collections = rt.settings.pipeline.collections;
    const auto collection = std::find_if(collections.begin(), collections.end(), [&](const auto& c) {
        return c.spec.name.value() == options.collection;
    });
    if (collection == collections.end()) {
        std::vector<std::string> known;
        for (const auto& c : collections) known.push_back(c.spec.name.value());
        fmt::print(stderr, "no route leads to a collection {}; there are: {}\n", options.collection,
                   fmt::join(known, ", "));
        return cli::Exit::unknown_id;
    }
    if (options.words.find_first_not_of(" \t\r\n") == std::string::npos) {
        fmt::print(stderr, "nothing to look for: give some words\n");
        return cli::Exit::usage;
    }
    std::optional<Result<Hits>> hits;
    if (auto connected = rt.connect(); connected.has_error())
        hits = fail(connected.error());
    else
        rt.run(find(&rt, &*collection, options, &hits));
    if (hits->has_error()) {
        const auto& e = hits->error();
        const bool missing = e.cause == Cause::not_found;
        fmt::print(stderr, "{}{}\n", describe(e),
                   missing ? fmt::format("; `halcyon run` makes the collection {}", options.collection) : "");
        if (missing) return cli::Exit::unknown_id;
        return is_away(e) ? cli::Exit::unreachable : cli::Exit::failed;
    }
    fmt::print("{}\n",
               options.json ? hits_json(hits->value()) : hits_text(hits->value(), cli::terminal_width()));
    return cli::Exit::done;
}

}  // namespace halcyon::app
