#include "embed/settings.hpp"

namespace halcyon::embed {
namespace {

void rules(const EmbedderOptions& o, const settings::Section& s) {
    const auto before = s.report().mistakes.size();
    const bool lexical = o.type == "lexical";
    if (!s.has("type")) return;  // has its own mistake
    if ((o.type == "openai" || o.type == "ollama") && o.model.empty())
        s.get("model").mistake(o.type == "openai" ? "is missing, e.g. model: text-embedding-3-small"
                                                  : "is missing, e.g. model: nomic-embed-text");
    if (lexical && !o.url.empty())
        s.get("url").mistake(
            "lexical is built in and asks no service; remove url, or set type to openai, tei or ollama");
    if (!lexical && !o.url.empty() && !o.url.starts_with("http://") && !o.url.starts_with("https://"))
        s.get("url").mistake(s.get("url").quoted() + " must begin with http:// or https://");
    if (lexical && o.dimensions != 0 && (o.dimensions < 16 || o.dimensions > 4096))
        s.get("dimensions")
            .mistake(s.get("dimensions").quoted() + " is out of range; lexical takes 16 to 4096");
    if (s.report().mistakes.size() > before) return;
    if (const auto complete = completed(o); !complete) s.mistake(complete.error().context);
}

}  // namespace

settings::Fields<EmbedderOptions> fields() {
    using settings::integer;
    return settings::Fields<EmbedderOptions>()
        .add("type", &EmbedderOptions::type,
             settings::choice({"openai", "tei", "ollama", "lexical"}, "embedder type"),
             {.help = "openai: any service with OpenAI's /embeddings; tei: text-embeddings-inference; "
                      "ollama; lexical: "
                      "built in, finds words and asks no model.",
              .example = "openai",
              .required = true})
        .add("url", &EmbedderOptions::url, settings::text(),
             {.help = "Of the service; empty: the type's usual one.",
              .example = R"("${EMBEDDING_SERVICE_URL:-https://api.openai.com/v1}")"})
        .secret("api_key", &EmbedderOptions::api_key,
                {.help = "Sent as a bearer token; empty: none.", .example = R"("${OPENAI_API_KEY:-}")"})
        .add("model", &EmbedderOptions::model, settings::text(),
             {.help = "Needed by openai and ollama. For tei only a name: change it when the service's model "
                      "changes, and "
                      "everything is embedded anew.",
              .example = "text-embedding-3-small"})
        .add("dimensions", &EmbedderOptions::dimensions, integer<std::uint32_t>({"0", "65536"}),
             {.help = "Of a vector. 0: asked of the service once, then pinned (lexical: 384).",
              .example = "1536"})
        .add("timeout", &EmbedderOptions::timeout, settings::duration<Duration>({"100ms", "1h"}),
             {.help = "Of one request."})
        .group("batch",
               settings::Fields<EmbedderOptions>()
                   .add_as<std::size_t>(
                       "texts", [](auto& o) -> auto& { return o.batch.texts; },
                       integer<std::size_t>({"0", "2048"}),
                       {.help = "Most texts in a request. 0: what suits the type (64; lexical 256)."})
                   .add_as<std::size_t>("bytes", [](auto& o) -> auto& { return o.batch.bytes; },
                                        settings::bytes({"0", "64MiB"}),
                                        {.help = "Most bytes of text in a request. 0: 1MiB."})
                   .add_as<Duration>("wait", [](auto& o) -> auto& { return o.batch.wait; },
                                     settings::duration<Duration>({"0s", "10s"}),
                                     {.help = "How long a request waits to be filled. 0s: not at all."}),
               {.help = "Texts of many documents go into one request."})
        .add("concurrency", &EmbedderOptions::concurrency, integer<std::size_t>({"0", "64"}),
             {.help = "Most requests at once; fewer while the service is slow. 0: what suits the type (8; "
                      "lexical 1)."})
        .add("ca_file", &EmbedderOptions::ca_file, settings::text(),
             {.help = "PEM file of trusted roots for https; empty: the system's.",
              .example = "/etc/ssl/certs/embeddings.pem",
              .commented = true})
        .check(rules);
}

}  // namespace halcyon::embed
