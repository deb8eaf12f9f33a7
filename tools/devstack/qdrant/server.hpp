// The Qdrant side of the development servers: the service behind HTTP, with faults on demand.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "devstack/faults.hpp"
#include "devstack/http.hpp"

namespace halcyon::devstack {

struct QdrantOptions {
    std::string bind = "127.0.0.1";
    std::uint16_t port = 0;  // 0: one that is free
    std::string api_key;     // empty: everybody may
};

// Threads: everything runs on the loop's one thread. `faults` must outlive the server.
class QdrantServer {
  public:
    // Throws boost::system::system_error when it can't listen.
    QdrantServer(boost::asio::io_context& loop, const QdrantOptions& options, Faults& faults);
    ~QdrantServer();
    QdrantServer(const QdrantServer&) = delete;
    QdrantServer& operator=(const QdrantServer&) = delete;

    std::uint16_t port() const;
    void stop();
    // The control port's own calls; empty for what is none of them:
    //   GET    /qdrant/collections/{name}/points   every point with payload and vector, as scroll gives them
    //   POST   /qdrant/down?ms=1000                connections are refused for so long
    //   POST   /qdrant/cut                         every connection is closed
    //   DELETE /qdrant/collections/{name}          the collection and its aliases are forgotten, no fault
    //   meets it
    std::optional<HttpReply> control(const HttpRequest& request);

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace halcyon::devstack
