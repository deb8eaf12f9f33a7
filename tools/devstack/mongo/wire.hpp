// MongoDB's wire protocol over TCP: OP_MSG, and OP_QUERY for the first greeting.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>

#include "devstack/mongo/server.hpp"

namespace halcyon::devstack::mongo {

class WireServer {
  public:
    // Binds and listens, and tells the server its port; throws boost::system::system_error when it can't.
    WireServer(boost::asio::io_context& loop, Server& server, Faults& faults);
    ~WireServer();
    WireServer(const WireServer&) = delete;
    WireServer& operator=(const WireServer&) = delete;

    std::uint16_t port() const;
    // Cuts every connection; new ones are welcome.
    void cut();
    // Refuses connections and cuts the open ones, for so long.
    void down(std::chrono::milliseconds time);
    void stop();

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace halcyon::devstack::mongo
