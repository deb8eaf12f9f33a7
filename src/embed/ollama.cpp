#include <fmt/format.h>

#include "embed/protocol.hpp"
#include "embed/reply.hpp"
#include "net/json.hpp"

namespace halcyon::embed {
namespace {

class Ollama final : public Protocol {
  public:
    Ollama(std::string model, std::uint32_t dimensions) : model_(std::move(model)), dimensions_(dimensions) {}

    std::string name() const override { return "ollama/1"; }

    net::Request encode(const std::vector<std::string>& texts) const override {
        std::string body = "{\"model\":" + net::json_string(model_);
        if (dimensions_ != 0) body += fmt::format(",\"dimensions\":{}", dimensions_);
        body += ",\"input\":";
        append_texts(body, texts);
        return json_post("/api/embed", body + "}");
    }

    Result<std::vector<EncodedVector>> decode(std::string body, std::size_t count) const override {
        return read_named_vectors(std::move(body), count);
    }

  private:
    std::string model_;
    std::uint32_t dimensions_;
};

}  // namespace

std::unique_ptr<Protocol> ollama_protocol(const EmbedderOptions& options) {
    return std::make_unique<Ollama>(options.model, options.dimensions);
}

}  // namespace halcyon::embed
