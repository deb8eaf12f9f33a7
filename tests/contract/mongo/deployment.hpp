// A deployment that can be written to: the development server, or a real replica set.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/devstack.hpp"

namespace halcyon::test {

/// Writes with `majority`. Commands are relaxed extended JSON. Throws when the server refuses.
class Deployment {
  public:
    explicit Deployment(std::string uri, std::unique_ptr<Devstack> server = nullptr);
    ~Deployment();
    Deployment(const Deployment&) = delete;
    Deployment& operator=(const Deployment&) = delete;

    /// The development server with these arguments more; nothing (and a loud warning) without
    /// HALCYON_DEVSTACK.
    static std::unique_ptr<Deployment> devstack(std::vector<std::string> arguments = {},
                                                const std::string& credentials = {});
    /// The replica set of HALCYON_TEST_MONGODB_URI.
    static std::unique_ptr<Deployment> real();

    const std::string& uri() const { return uri_; }
    /// A database that nobody else uses; dropped at the end.
    const std::string& database() const { return database_; }
    void run(const std::string& database, const std::string& command);
    void run(const std::string& command) { run(database_, command); }
    void insert(const std::string& collection, const std::string& document);
    void insert_bson(const std::string& collection, const std::vector<std::string>& documents);
    void transaction(const std::vector<std::string>& commands);

  private:
    struct Connection;
    std::string uri_;
    std::string database_;
    std::unique_ptr<Devstack> server_;
    std::unique_ptr<Connection> connection_;
};

/// Runs `body` on every deployment there is; warns when there is none.
void on_each_deployment(const std::function<void(Deployment&)>& body);

}  // namespace halcyon::test
