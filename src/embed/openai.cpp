#include <fmt/format.h>

#include "core/json_text.hpp"
#include "embed/protocol.hpp"
#include "embed/reply.hpp"
#include "net/json.hpp"

namespace halcyon::embed {
namespace {

class OpenAi final : public Protocol {
  public:
    OpenAi(std::string model, std::uint32_t dimensions) : model_(std::move(model)), dimensions_(dimensions) {}

    std::string name() const override { return "openai/1"; }

    net::Request encode(const std::vector<std::string>& texts) const override {
        std::string body = "{\"model\":" + net::json_string(model_) + ",\"encoding_format\":\"float\"";
        if (dimensions_ != 0) body += fmt::format(",\"dimensions\":{}", dimensions_);
        body += ",\"input\":";
        append_texts(body, texts);
        return json_post("/embeddings", body + "}");
    }

    Result<std::vector<EncodedVector>> decode(std::string body, std::size_t count) const override {
        return read_indexed_vectors(std::move(body), count);
    }

  private:
    std::string model_;
    std::uint32_t dimensions_;
};

}  // namespace

std::unique_ptr<Protocol> openai_protocol(const EmbedderOptions& options) {
    return std::make_unique<OpenAi>(options.model, options.dimensions);
}

net::Request json_post(std::string target, std::string body) {
    net::Request request{.method = "POST", .target = std::move(target)};
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    request.body = std::move(body);
    return request;
}

void append_texts(std::string& json, const std::vector<std::string>& texts) {
    std::size_t bytes = 2;
    for (const auto& text : texts) bytes += text.size() + text.size() / 16 + 3;
    json.reserve(json.size() + bytes);
    json += '[';
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i > 0) json += ',';
        json::append_string(json, texts[i]);
    }
    json += ']';
}

}  // namespace halcyon::embed
