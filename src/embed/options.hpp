// How one embedder is set up, and how to make it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace halcyon::embed {

/// Bounds of one request. 0: the default of the type.
struct BatchOptions {
    std::size_t texts = 0;  // most texts in a request; 1..2048; default 64 (lexical 256)
    std::size_t bytes = 0;  // most bytes of text in a request; default 1 MiB
    Duration wait =
        std::chrono::milliseconds(20);  // how long the pipeline waits to fill a batch; 0: never waits
};

struct EmbedderOptions {
    std::string type = "lexical";  // openai, tei, ollama, lexical (built in: words, no model)
    std::string url{};      // of the service; empty: the type's own (see docs/embedders.md); not for lexical
    std::string api_key{};  // sent as "Authorization: Bearer"; masked in the log; empty: none
    std::string model{};    // needed by openai and ollama; tei: only a name for the fingerprint
    std::uint32_t dimensions = 0;  // 0: asked of the service once, then pinned (lexical: 384, 16..4096)
    Duration timeout =
        std::chrono::seconds(60);  // of one request, 100 ms and up; the caller's deadline if sooner
    BatchOptions batch{};
    std::size_t concurrency = 0;  // most requests in flight; 1..64; 0: the default of the type (8, lexical 1)
    std::string ca_file{};        // PEM file of trusted roots for https; empty: the system's
};

/// Checked, and with what is left open filled in (url, dimensions of lexical). Errors: {fatal, invalid}.
Result<EmbedderOptions> completed(EmbedderOptions options);

}  // namespace halcyon::embed
