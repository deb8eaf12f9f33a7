// An embedder that asks a service over HTTP, whatever its protocol.
#pragma once

#include <memory>

#include "core/ports/embedder.hpp"
#include "embed/options.hpp"
#include "embed/protocol.hpp"
#include "net/client/http_client.hpp"

namespace halcyon::embed {

/// Thread rule: the loop. Concurrent calls are fine; REQUIRES: none is under way when it is destroyed.
class ServiceEmbedder final : public Embedder {
  public:
    ServiceEmbedder(EmbedderOptions options, std::unique_ptr<Protocol> protocol, net::HttpClient client);

    std::string identity() const override;
    /// Also asks the service for its limits, once. A service that refuses even the test text is set up
    /// wrongly: {fatal, invalid}.
    Task<Result<std::uint32_t>> dimension(Deadline deadline) override;
    EmbedderLimits limits() const override;
    /// Errors: see errors.hpp, reply.hpp; {fatal, dimension_mismatch}. Never in_doubt.
    Task<Result<std::vector<EncodedVector>>> embed(std::vector<std::string> texts,
                                                   Deadline deadline) override;

  private:
    Task<Result<net::Reply>> ask(net::Request request, Deadline deadline);
    Task<Result<std::vector<EncodedVector>>> vectors(std::vector<std::string> texts, Deadline deadline);
    Task<Result<>> learn_limits(Deadline deadline);

    EmbedderOptions options_;
    std::unique_ptr<Protocol> protocol_;
    net::HttpClient client_;
    EmbedderLimits limits_;
    std::uint32_t dimension_;  // 0: not known yet
    bool limits_known_ = false;
};

}  // namespace halcyon::embed
