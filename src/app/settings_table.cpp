#include "app/settings_table.hpp"

#include "admin/settings.hpp"
#include "embed/settings.hpp"
#include "mongo/settings.hpp"
#include "qdrant/settings.hpp"
#include "render/settings.hpp"
#include "settings/reference.hpp"
#include "settings/schema.hpp"
#include "state/settings.hpp"

namespace halcyon::app {
namespace {

using settings::bytes;
using settings::choice;
using settings::duration;
using settings::Fields;
using settings::integer;
using Written = WrittenSettings;

Fields<Written> mongodb() {
    return Fields<Written>()
        .include(mongo::fields(), [](auto& w) -> auto& { return w.app.mongodb; })
        .add_as<std::chrono::seconds>(
            "history_warning", [](auto& w) -> auto& { return w.app.pipeline.history_warning; },
            duration<std::chrono::seconds>({"0s", "30d"}),
            {.help = "When a full oplog of MongoDB reaches less far behind our position, the log warns and "
                     "health says so; 0s: never."})
        .group(
            "snapshot",
            Fields<Written>()
                .add("mode", &Written::snapshot, choice<bool>({{"initial", true}, {"never", false}}),
                     {.help =
                          "initial: a new route reads its collection once; never: only changes from now on."})
                .add_as<unsigned>("parallelism",
                                  [](auto& w) -> auto& { return w.app.pipeline.scan_parallelism; },
                                  integer<unsigned>({"1", "32"}),
                                  {.help = "Ranges of a collection that are read at once."}),
            {.help = "Reading what was there before the first change."});
}

Fields<Written> qdrant_section() {
    using Other = pipeline::PipelineOptions::OtherWriter;
    return Fields<Written>()
        .include(qdrant::fields(), [](auto& w) -> auto& { return w.app.qdrant; })
        .add_as<Other>("on_other_writer", [](auto& w) -> auto& { return w.app.pipeline.on_other_writer; },
                       choice<Other>({{"wait", Other::wait}, {"refuse", Other::refuse}}),
                       {.help = "While a halcyon with another state folder writes into a collection. wait: "
                                "until it stopped or shows no life for a writer_lease; refuse: end."})
        .add_as<std::chrono::milliseconds>(
            "writer_lease", [](auto& w) -> auto& { return w.app.pipeline.writer_lease; },
            duration<std::chrono::milliseconds>({"1s", "1h"}),
            {.help = "A writer's mark in each collection's metadata is renewed three times in it."});
}

Fields<pipeline::CollectionOptions> collection() {
    return Fields<pipeline::CollectionOptions>()
        .add("embedder", &pipeline::CollectionOptions::embedder, settings::text(),
             {.help = "One of embedders; without it: the one named default.", .example = "default"})
        .include(qdrant::collection_fields(), [](auto& c) -> auto& { return c.spec; });
}

Fields<Written> guards() {
    return Fields<Written>()
        .add_as<std::uint64_t>(
            "max_embeddings", [](auto& w) -> auto& { return w.app.pipeline.max_embeddings; },
            integer<std::uint64_t>({"0", "1000000000000"}),
            {.help = "Texts that reading whole collections may embed before you are asked. 0: never ask."})
        .add_as<bool>(
            "orphans", [](auto& w) -> auto& { return w.app.pipeline.remove_orphans; },
            choice<bool>({{"keep", false}, {"remove", true}}),
            {.help = "What routes that are gone left in collections that others still lead to. keep: until "
                     "`halcyon apply --orphans --yes`."})
        .add_as<double>(
            "max_delete_share", [](auto& w) -> auto& { return w.app.pipeline.max_delete_share; },
            settings::percent(),
            {.help = "Of a collection's documents that a sweep may remove before you are asked."});
}

Fields<Written> tombstones() {
    return Fields<Written>()
        .add_as<std::chrono::milliseconds>(
            "interval", [](auto& w) -> auto& { return w.app.pipeline.tombstones.interval; },
            duration<std::chrono::milliseconds>({"100ms", "1d"}), {.help = "Between two looks."})
        .add_as<std::chrono::seconds>("age", [](auto& w) -> auto& { return w.app.pipeline.tombstones.age; },
                                      duration<std::chrono::seconds>({"0s", "30d"}),
                                      {.help = "How long one is kept behind all that is settled."})
        .add_as<std::uint64_t>("least", [](auto& w) -> auto& { return w.app.pipeline.tombstones.least; },
                               integer<std::uint64_t>({"0", "1000000000"}),
                               {.help = "Fewer than these, or than a twentieth of the receipts, stay."});
}

Fields<Written> knobs() {
    return Fields<Written>()
        .group("tombstones", tombstones(), {.help = "When what is remembered of deleted documents goes."})
        .add_as<std::size_t>(
            "ack_window", [](auto& w) -> auto& { return w.app.pipeline.ack_window; },
            integer<std::size_t>({"1024", "1048576"}),
            {.help = "Changes under way; at half of it the work of a collection that is down is put aside."})
        .add_as<std::size_t>("write_points", [](auto& w) -> auto& { return w.app.pipeline.write_points; },
                             integer<std::size_t>({"1", "10000"}), {.help = "Points in a write to Qdrant."})
        .add_as<unsigned>("write_concurrency",
                          [](auto& w) -> auto& { return w.app.pipeline.write_concurrency; },
                          integer<unsigned>({"1", "64"}), {.help = "Writes at once for each collection."})
        .add_as<std::chrono::milliseconds>(
            "drain_timeout", [](auto& w) -> auto& { return w.app.pipeline.drain_timeout; },
            duration<std::chrono::milliseconds>({"1s", "10m"}),
            {.help =
                 "How long an orderly stop waits for what is under way; nothing is lost by a short one."});
}

Fields<Written> retry() {
    const auto backoff =
        Fields<Written>()
            .add_as<Duration>("initial",
                              [](auto& w) -> auto& { return w.app.pipeline.retry.backoff.initial; },
                              duration({"1ms", "1h"}), {.help = "After the first failed attempt."})
            .add_as<double>("factor", [](auto& w) -> auto& { return w.app.pipeline.retry.backoff.factor; },
                            settings::number({"1", "100"}), {.help = "From attempt to attempt."})
            .add_as<Duration>("cap", [](auto& w) -> auto& { return w.app.pipeline.retry.backoff.cap; },
                              duration({"1ms", "1d"}), {.help = "Never longer than this."});
    return Fields<Written>()
        .add_as<bool>("enabled", [](auto& w) -> auto& { return w.app.pipeline.retry.enabled; },
                      settings::boolean(),
                      {.help = "false: failed documents wait until you retry them. What waited for a service "
                               "that was down goes on by itself in any case."})
        .add_as<std::chrono::milliseconds>("interval",
                                           [](auto& w) -> auto& { return w.app.pipeline.retry.interval; },
                                           duration<std::chrono::milliseconds>({"100ms", "1d"}),
                                           {.help = "Between two cycles of the retry worker."})
        .add_as<std::size_t>("batch", [](auto& w) -> auto& { return w.app.pipeline.retry.batch; },
                             integer<std::size_t>({"1", "10000"}),
                             {.help = "Documents of a collection that a cycle tries again."})
        .add_as<std::uint32_t>("attempts", [](auto& w) -> auto& { return w.app.pipeline.retry.attempts; },
                               integer<std::uint32_t>({"1", "1000"}),
                               {.help = "Failed attempts after which a document becomes a dead letter."})
        .group("backoff", backoff,
               {.help = "How long a failed document waits; a fifth more or less, by chance."})
        .check([](const Written& w, const settings::Section& s) {
            const auto& b = w.app.pipeline.retry.backoff;
            if (b.cap < b.initial) s.get("backoff").get("cap").mistake("is shorter than initial");
        });
}

Fields<Written> dead_letters() {
    return Fields<Written>()
        .add_as<std::uint64_t>(
            "max", [](auto& w) -> auto& { return w.app.pipeline.dead_letters; },
            integer<std::uint64_t>({"1", "10000000"}),
            {.help = "Of each collection. At the bound it pauses until some were retried or dropped; "
                     "from four fifths of it on, health says so."})
        .add_as<std::size_t>("payload", [](auto& w) -> auto& { return w.app.pipeline.dead_letter_payload; },
                             bytes({"0B", "16MiB"}), {.help = "How much of the document a letter keeps."});
}

Fields<log::Options> log_fields() {
    using log::Format;
    using log::Level;
    return Fields<log::Options>()
        .add("level", &log::Options::level, choice<Level>({log::levels.begin(), log::levels.end()}),
             {.help = "warn: recovered, nothing lost; error: somebody must act."})
        .add("format", &log::Options::format,
             choice<Format>({{"auto", Format::automatic}, {"human", Format::human}, {"json", Format::json}}),
             {.help = "auto: for people on a terminal, a JSON object a line elsewhere."});
}

Fields<Written> make() {
    return Fields<Written>()
        .group(
            "mongodb", mongodb(),
            {.help = "Where documents come from. Nothing is written there but what status_writeback says."})
        .group("qdrant", qdrant_section(), {.help = "Where points go."})
        .add_as<std::map<std::string, embed::EmbedderOptions>>(
            "embedders", [](auto& w) -> auto& { return w.app.embedders; },
            settings::map_of<std::string>(settings::object(embed::fields()),
                                          "{ default: { type: lexical } }"),
            {.help = "What makes vectors of texts, by name.", .example = "default", .required = true})
        .add("collections", &Written::collections,
             settings::map_of<std::string>(settings::object(collection()),
                                           "{ products: { distance: Cosine } }"),
             {.help = "Qdrant's side of each collection. One that only routes name has these defaults.",
              .example = "products"})
        .add_as<std::vector<render::RouteOptions>>(
            "routes", [](auto& w) -> auto& { return w.app.pipeline.routes; },
            settings::list_of(settings::object(render::fields()),
                              "[{ from: shop.products, to: products, text: [name] }]"),
            {.help = "From a MongoDB collection to a Qdrant collection; one edge each.", .required = true})
        .group("retry", retry(), {.help = "Documents that fail while others do not."})
        .group("dead_letters", dead_letters(),
               {.help = "Documents that cannot be brought up to date without you."})
        .group("guards", guards(), {.help = "Beyond these halcyon stops and asks."})
        .add_as<std::size_t>("memory", [](auto& w) -> auto& { return w.app.memory; },
                             bytes({"96MiB", "1TiB"}), {.help = "Ceiling of the whole process."})
        .group("state",
               Fields<Written>().include(state::fields(), [](auto& w) -> auto& { return w.app.state; }),
               {.help = "What halcyon remembers: receipts, its position, what is owed."})
        .add("source", &Written::source, settings::text(),
             {.help = "This deployment's name, part of every point's id: after a change everything is "
                      "written anew."})
        .group("http",
               Fields<Written>().include(admin::fields(), [](auto& w) -> auto& { return w.app.http; }),
               {.help = "API, dashboard, metrics and probes."})
        .group("pipeline", knobs(), {.help = "Rarely needs a change."})
        .group("log", Fields<Written>().include(log_fields(), [](auto& w) -> auto& { return w.app.log; }),
               {.help = "To standard error."});
}

}  // namespace

const Fields<WrittenSettings>& table() {
    static const Fields<WrittenSettings> made = make();
    return made;
}

const std::vector<settings::FieldDoc>& settings_table() { return table().docs(); }

std::string settings_reference() {
    return settings::reference(settings_table(),
                               "Every setting of halcyon, with what it takes and its default. "
                               "conf/quickstart.yaml is a small file to start "
                               "from.\n${NAME} is the environment variable NAME, ${NAME:-default} has a "
                               "default; $${ is a plain ${.\n"
                               "Made by halcyon-conf from the table that reads settings; do not edit.\n"
                               "yaml-language-server: $schema=halcyon.schema.json");
}

std::string settings_schema() { return settings::json_schema(settings_table(), "halcyon settings"); }

}  // namespace halcyon::app
