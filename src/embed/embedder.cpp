#include "embed/embedder.hpp"

#include "base/log.hpp"
#include "embed/lexical_embedder.hpp"
#include "embed/service_embedder.hpp"

namespace halcyon::embed {
namespace {

std::unique_ptr<Protocol> protocol_of(const EmbedderOptions& options) {
    if (options.type == "tei") return tei_protocol();
    if (options.type == "ollama") return ollama_protocol(options);
    return openai_protocol(options);
}

}  // namespace

Result<std::unique_ptr<Embedder>> make_embedder(const EmbedderOptions& given, async::Executor executor,
                                                async::Pool& pool) {
    log::mask(given.api_key);
    HALCYON_TRY(auto options, completed(given));
    if (options.type == "lexical") return std::make_unique<LexicalEmbedder>(options, pool);
    net::ClientOptions client_options;
    client_options.connections = options.concurrency != 0 ? options.concurrency : 8;
    client_options.idle = client_options.connections;
    client_options.ca_file = options.ca_file;
    if (!options.api_key.empty()) client_options.headers = {{"Authorization", "Bearer " + options.api_key}};
    HALCYON_TRY(auto client,
                net::HttpClient::make(std::move(executor), options.url, std::move(client_options)));
    auto protocol = protocol_of(options);
    return std::make_unique<ServiceEmbedder>(std::move(options), std::move(protocol), std::move(client));
}

}  // namespace halcyon::embed
