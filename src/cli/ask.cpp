#include "cli/ask.hpp"

#include <boost/asio/io_context.hpp>
#include <optional>

#include "async/clock.hpp"
#include "async/task_group.hpp"
#include "net/client/http_client.hpp"

namespace halcyon::cli {
namespace {

Task<> send(net::HttpClient* client, net::Request request, Deadline deadline,
            std::optional<Result<net::Reply>>* reply) {
    *reply = co_await client->send(std::move(request), deadline);
}

}  // namespace

Result<net::Reply> ask(const std::string& socket, const std::string& method, const std::string& target,
                       const std::string& body, std::chrono::seconds patience) {
    boost::asio::io_context loop;
    const async::SystemClock clock;
    HALCYON_TRY(auto client, net::HttpClient::make(loop.get_executor(), "unix:" + socket));
    net::Request request;
    request.method = method;
    request.target = target;
    if (!body.empty()) {
        request.headers.push_back({"Content-Type", "application/json"});
        request.body = {body};
    }
    std::optional<Result<net::Reply>> reply;
    async::TaskGroup group(loop.get_executor());
    group.spawn(send(&client, std::move(request), Deadline::in(clock, patience), &reply));
    loop.run();
    return std::move(*reply);
}

}  // namespace halcyon::cli
