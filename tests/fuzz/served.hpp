// A whole connection of the server, on a stream that is given.
#pragma once

#include <memory>
#include <string>

#include "fuzz/stream.hpp"
#include "net/server/connection.hpp"

namespace halcyon::fuzz {

/// What the server answers to a client that sends `bytes`, at most `piece` at once (0: all), and closes.
/// `local`: it came over a Unix socket. What a handler throws becomes the server's 500.
inline std::string served(net::Service& service, std::string_view bytes, std::size_t piece,
                          bool local = false) {
    auto connection = std::make_shared<net::Connection>();
    net::asio::io_context loop{1};
    const auto stream = std::make_shared<GivenStream>(loop, bytes, piece);
    connection->stream = stream;
    connection->local = local;
    net::asio::co_spawn(loop, net::serve_connection(connection, service), [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
    loop.run();
    return stream->written();
}

}  // namespace halcyon::fuzz
