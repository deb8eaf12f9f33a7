// What a service's protocol has to say. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/vector.hpp"
#include "embed/options.hpp"
#include "net/http.hpp"

namespace halcyon::embed {

class Protocol {
  public:
    virtual ~Protocol() = default;
    /// Name and version of this code; part of the embedder's identity.
    virtual std::string name() const = 0;
    virtual net::Request encode(const std::vector<std::string>& texts) const = 0;
    /// Of a reply with status 200. Errors: see reply.hpp.
    virtual Result<std::vector<EncodedVector>> decode(std::string body, std::size_t count) const = 0;
    /// Where the service tells its limits, if it does.
    virtual std::optional<net::Request> ask_limits() const { return std::nullopt; }
    /// Most texts in a request, from the reply to `ask_limits`; nothing if it is not in it.
    virtual std::optional<std::size_t> most_texts(const std::string&) const { return std::nullopt; }
};

/// `POST {url}/embeddings`, as of OpenAI and the many that copy it (vLLM, LocalAI, Mistral, ..).
/// https://platform.openai.com/docs/api-reference/embeddings
std::unique_ptr<Protocol> openai_protocol(const EmbedderOptions& options);
/// `POST {url}/embed`, `GET {url}/info` of text-embeddings-inference.
/// https://huggingface.github.io/text-embeddings-inference
std::unique_ptr<Protocol> tei_protocol();
/// `POST {url}/api/embed`. https://github.com/ollama/ollama/blob/main/docs/api.md
std::unique_ptr<Protocol> ollama_protocol(const EmbedderOptions& options);

/// A POST of JSON, and a list of texts in it.
net::Request json_post(std::string target, std::string body);
void append_texts(std::string& json, const std::vector<std::string>& texts);

}  // namespace halcyon::embed
