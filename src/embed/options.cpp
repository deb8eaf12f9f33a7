#include "embed/options.hpp"

#include <fmt/format.h>

namespace halcyon::embed {
namespace {

auto wrong(std::string why) { return fail(Verdict::fatal, Cause::invalid, "embedder: " + std::move(why)); }

}  // namespace

Result<EmbedderOptions> completed(EmbedderOptions o) {
    const bool lexical = o.type == "lexical";
    if (o.type == "openai") {
        if (o.url.empty()) o.url = "https://api.openai.com/v1";
    } else if (o.type == "tei") {
        if (o.url.empty()) o.url = "http://127.0.0.1:8080";
    } else if (o.type == "ollama") {
        if (o.url.empty()) o.url = "http://127.0.0.1:11434";
    } else if (!lexical) {
        return wrong(fmt::format("\"{}\" is no type (openai, tei, ollama, lexical)", o.type));
    }
    if ((o.type == "openai" || o.type == "ollama") && o.model.empty())
        return wrong(o.type + " needs a model");
    if (lexical && o.dimensions == 0) o.dimensions = 384;
    if (lexical && (o.dimensions < 16 || o.dimensions > 4096))
        return wrong("lexical takes 16 to 4096 dimensions");
    if (o.timeout < std::chrono::milliseconds(100)) return wrong("the timeout is below 100 ms");
    if (o.api_key.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
        return wrong("the API key has a line break in it");
    return o;
}

}  // namespace halcyon::embed
