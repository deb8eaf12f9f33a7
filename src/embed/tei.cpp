#include <simdjson.h>

#include "embed/protocol.hpp"
#include "embed/reply.hpp"

namespace halcyon::embed {
namespace {

class Tei final : public Protocol {
  public:
    std::string name() const override { return "tei/1"; }

    net::Request encode(const std::vector<std::string>& texts) const override {
        std::string body = "{\"truncate\":true,\"inputs\":";
        append_texts(body, texts);
        return json_post("/embed", body + "}");
    }

    Result<std::vector<EncodedVector>> decode(std::string body, std::size_t count) const override {
        return read_bare_vectors(std::move(body), count);
    }

    std::optional<net::Request> ask_limits() const override { return net::Request{.target = "/info"}; }

    std::optional<std::size_t> most_texts(const std::string& body) const override {
        simdjson::dom::parser parser;
        std::uint64_t most = 0;
        if (parser.parse(body)["max_client_batch_size"].get_uint64().get(most) || most == 0)
            return std::nullopt;
        return most;
    }
};

}  // namespace

std::unique_ptr<Protocol> tei_protocol() { return std::make_unique<Tei>(); }

}  // namespace halcyon::embed
