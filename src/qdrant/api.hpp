// One request to Qdrant and its answer: the only user of the HTTP client in this room.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "async/clock.hpp"
#include "net/client/http_client.hpp"
#include "qdrant/errors.hpp"
#include "qdrant/options.hpp"

namespace halcyon::qdrant {

struct ApiRequest {
    std::string method;
    std::string target;  // path and query, percent-encoded
    std::string body{};
};

/// The `timeout` that the server gets, in whole seconds: a second below `left`, at least 1, at most `most`
/// (strict mode's).
unsigned server_timeout(Duration left, std::optional<std::uint64_t> most);

/// Thread rule: the loop; concurrent calls are fine.
class Api {
  public:
    /// Errors: {fatal, invalid} for options that can't be used. The clock must outlive the object.
    static Result<std::shared_ptr<Api>> make(async::Executor executor, const async::Clock& clock,
                                             Options options);

    /// What comes back, unjudged. The caller has put the sooner of its deadline and the option's into `by`.
    Task<Answer> exchange(ApiRequest request, Deadline by);
    /// The body of a reply to what may be asked again.
    Task<Result<std::string>> ask(ApiRequest request, Deadline by);

    /// The sooner of the deadline and one option from now.
    Deadline bounded(Deadline deadline) const;
    Deadline bounded_admin(Deadline deadline) const;
    /// `server_timeout` of what is left.
    unsigned timeout_s(Deadline by, std::optional<std::uint64_t> most = {}) const;

    const Options& options() const { return options_; }
    const async::Clock& clock() const { return clock_; }

  private:
    Api(net::HttpClient client, const async::Clock& clock, Options options)
        : client_(std::move(client)), clock_(clock), options_(std::move(options)) {}
    net::HttpClient client_;
    const async::Clock& clock_;
    Options options_;
};

}  // namespace halcyon::qdrant
