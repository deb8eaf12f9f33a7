#include "qdrant/settings.hpp"

#include <algorithm>

namespace halcyon::qdrant {
namespace {

using settings::Section;
using settings::Type;

/// Payload schema types of Qdrant 1.17 to 1.19 (its OpenAPI description, PayloadSchemaType).
const std::vector<std::string> index_types{"keyword", "integer",  "float", "bool",
                                           "geo",     "datetime", "text",  "uuid"};

/// "keyword", or a whole schema as Qdrant takes it: { type: text, tokenizer: word }.
Type<std::string> index_type() {
    const auto name = settings::choice(index_types, "index type");
    auto schema = settings::json_map("{ type: text, tokenizer: word }");
    schema.read = [name, read = schema.read](const Section& s, std::string& out) {
        std::string type;
        if (!s.has("type")) {
            s.mistake("has no type, e.g. { type: text, tokenizer: word }");
            return false;
        }
        return name.read(s.get("type"), type) && read(s, out);
    };
    return settings::either(name, schema);
}

/// "qdrant.url must ..": the rule goes to its own field.
void refuse(const Section& s, std::string_view context) {
    constexpr std::string_view room = "qdrant.";
    if (!context.starts_with(room)) return s.mistake(std::string(context));
    context.remove_prefix(room.size());
    const auto name = context.substr(0, context.find_first_of(": "));
    context.remove_prefix(name.size());
    context.remove_prefix(std::min(context.find_first_not_of(": "), context.size()));
    s.get(name).mistake(std::string(context));
}

}  // namespace

settings::Fields<Options> fields() {
    using settings::bytes;
    using settings::duration;
    using settings::integer;
    return settings::Fields<Options>()
        .add("url", &Options::url, settings::text(),
             {.help = "REST address (port 6333; 6334 is gRPC and does not answer here). A path is put before "
                      "every "
                      "request's.",
              .example = R"("${QDRANT_URL:-http://127.0.0.1:6333}")"})
        .secret("api_key", &Options::api_key,
                {.help = "Sent as api-key; empty: none.", .example = R"("${QDRANT_API_KEY:-}")"})
        .add("ca_file", &Options::ca_file, settings::text(),
             {.help = "PEM file of trusted roots for https; empty: the system's.",
              .example = "/etc/ssl/certs/qdrant.pem",
              .commented = true})
        .add("timeout", &Options::timeout, duration<Duration>({"2s", "10m"}), {.help = "Of one request."})
        .add("admin_timeout", &Options::admin_timeout, duration<Duration>({"2s", "1h"}),
             {.help = "Of one request that creates something."})
        .add("connections", &Options::connections, integer<std::size_t>({"1", "1024"}),
             {.help = "Most connections at once."})
        .add("request_bytes", &Options::request_bytes, bytes({"64KiB", "32MiB"}),
             {.help = "Most bytes of one request; Qdrant refuses more than 32MiB."})
        .add("request_points", &Options::request_points, integer<std::size_t>({"1", "100000"}),
             {.help = "Most points written by one request; a collection in strict mode may say less."})
        .add("lookup_keys", &Options::lookup_keys, integer<std::size_t>({"1", "10000"}),
             {.help = "Most documents asked for by one request."})
        .add("ordering", &Options::ordering, settings::choice({"weak", "medium", "strong"}),
             {.help = "Of writes. Without it: medium where a collection is replicated, else not sent.",
              .example = "medium",
              .commented = true})
        .add("consistency", &Options::consistency, settings::text(),
             {.help = "Of reads that check what is stored: all, majority, quorum, or a number of replicas. "
                      "Without it: "
                      "all where a collection is replicated.",
              .example = "majority",
              .commented = true})
        .check([](const Options& o, const Section& s) {
            if (const auto good = check(o); !good) refuse(s, good.error().context);
        });
}

settings::Fields<CollectionSpec> collection_fields() {
    return settings::Fields<CollectionSpec>()
        .add("distance", &CollectionSpec::distance,
             settings::choice<Distance>({{"Cosine", Distance::cosine},
                                         {"Dot", Distance::dot},
                                         {"Euclid", Distance::euclid},
                                         {"Manhattan", Distance::manhattan}},
                                        "distance"),
             {.help = "How vectors are compared. A change needs a new collection."})
        .add("vector_name", &CollectionSpec::vector_name, settings::optional(settings::text()),
             {.help = "A named vector; without it: the unnamed one.", .example = "text", .commented = true})
        .add(
            "payload_indexes", &CollectionSpec::payload_indexes,
            settings::map_of<std::string>(index_type(), "{ price: float }"),
            {.help = "Payload fields that searches filter by, made before the collection is filled: keyword, "
                     "integer, float, bool, geo, datetime, text, uuid, or a schema as Qdrant takes it: { "
                     "type: text, "
                     "tokenizer: word }.",
             .example = "{ price: float, tags: keyword, updated_at: datetime }"})
        .add("create", &CollectionSpec::create_json, settings::json_map("{ on_disk_payload: true }"),
             {.help = "Passed on to Qdrant when the collection is made.",
              .example = "{ on_disk_payload: true }"})
        .add("adopt", &CollectionSpec::adopt, settings::boolean(),
             {.help = "Use an existing collection of this name instead of making one behind an alias."});
}

}  // namespace halcyon::qdrant
