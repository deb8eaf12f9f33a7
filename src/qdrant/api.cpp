#include "qdrant/api.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "net/retry_after.hpp"

namespace halcyon::qdrant {

unsigned server_timeout(Duration left, std::optional<std::uint64_t> most) {
    const auto below = std::chrono::floor<std::chrono::seconds>(left) - std::chrono::seconds(1);
    auto seconds = std::clamp<std::int64_t>(below.count(), 1, 86'400);
    if (most)
        seconds = std::min(seconds, static_cast<std::int64_t>(std::clamp<std::uint64_t>(*most, 1, 86'400)));
    return static_cast<unsigned>(seconds);
}

Result<std::shared_ptr<Api>> Api::make(async::Executor executor, const async::Clock& clock, Options options) {
    HALCYON_TRY(check(options));
    net::ClientOptions client;
    client.connections = options.connections;
    client.idle = options.connections;
    client.ca_file = options.ca_file;
    if (!options.api_key.empty()) {
        log::mask(options.api_key);
        client.headers.emplace_back("api-key", options.api_key);
    }
    HALCYON_TRY(auto made, net::HttpClient::make(executor, options.url, std::move(client)));
    return std::shared_ptr<Api>(new Api(std::move(made), clock, std::move(options)));
}

Task<Answer> Api::exchange(ApiRequest request, Deadline by) {
    net::Request http;
    http.method = std::move(request.method);
    http.target = std::move(request.target);
    if (!request.body.empty()) http.headers.emplace_back("Content-Type", "application/json");
    http.body = std::move(request.body);
    auto reply = co_await client_.send(std::move(http), by);
    Answer answer;
    if (!reply) {
        answer.failure = std::move(reply).error();
        co_return answer;
    }
    answer.status = reply.value().status;
    if (const auto after = reply.value().headers.find("retry-after"))
        answer.retry_after = net::parse_retry_after(*after, clock_.wall());
    answer.body = std::move(reply.value().body);
    co_return answer;
}

Task<Result<std::string>> Api::ask(ApiRequest request, Deadline by) {
    auto answer = co_await exchange(std::move(request), by);
    auto verdict = judge(Call::read, answer);
    if (!verdict) co_return fail(std::move(verdict).error());
    co_return std::move(answer.body);
}

Deadline Api::bounded(Deadline deadline) const {
    return deadline.sooner(Deadline::in(clock_, options_.timeout));
}

Deadline Api::bounded_admin(Deadline deadline) const {
    return deadline.sooner(Deadline::in(clock_, options_.admin_timeout));
}

unsigned Api::timeout_s(Deadline by, std::optional<std::uint64_t> most) const {
    return server_timeout(by.left(clock_), most);
}

}  // namespace halcyon::qdrant
