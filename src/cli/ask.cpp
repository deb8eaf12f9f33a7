#include "cli/ask.hpp"

#include <boost/asio/io_context.hpp>
#include <optional>

#include "async/clock.hpp"
#include "async/task_group.hpp"

namespace halcyon::cli {
namespace {

Task<> send(net::HttpClient* client, net::Request request, Deadline deadline,
            std::optional<Result<net::Reply>>* reply) {
    *reply = co_await client->send(std::move(request), deadline);
}

}  // namespace

Result<net::HttpClient> client_for(async::Executor executor, const Access& access) {
    net::ClientOptions options;
    options.ca_file = access.ca_file;
    options.headers.push_back({"Accept", "application/json"});
    if (!access.token.empty()) options.headers.push_back({"Authorization", "Bearer " + access.token});
    return net::HttpClient::make(std::move(executor), access.url, std::move(options));
}

net::Request request_of(const std::string& method, const std::string& target, const std::string& body) {
    net::Request request;
    request.method = method;
    request.target = target;
    if (!body.empty()) {
        request.headers.push_back({"Content-Type", "application/json"});
        request.body = body;
    }
    return request;
}

Result<net::Reply> ask(const Access& access, const std::string& method, const std::string& target,
                       const std::string& body, std::chrono::seconds patience) {
    boost::asio::io_context loop;
    const async::SystemClock clock;
    HALCYON_TRY(auto client, client_for(loop.get_executor(), access));
    std::optional<Result<net::Reply>> reply;
    async::TaskGroup group(loop.get_executor());
    group.spawn(send(&client, request_of(method, target, body), Deadline::in(clock, patience), &reply));
    loop.run();
    return std::move(*reply);
}

}  // namespace halcyon::cli
