#include "contract/mongo/deployment.hpp"

#include <fmt/format.h>
#include <mongoc/mongoc.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "contract/mongo/harness.hpp"
#include "support/recording.hpp"

namespace halcyon::test {
namespace {

struct Destroy {
    void operator()(mongoc_client_t* c) const { mongoc_client_destroy(c); }
    void operator()(mongoc_client_session_t* s) const { mongoc_client_session_destroy(s); }
    void operator()(mongoc_collection_t* c) const { mongoc_collection_destroy(c); }
};

bson_t view(const std::string& bytes) {
    bson_t b;
    if (!bson_init_static(&b, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()))
        throw std::runtime_error("no BSON");
    return b;
}

}  // namespace

struct Deployment::Connection {
    std::unique_ptr<mongoc_client_t, Destroy> client;

    void run(const std::string& database, const std::string& bytes, mongoc_client_session_t* session) {
        const auto command = view(bytes);
        bson_t options;
        bson_init(&options);
        bson_error_t error{};
        if (session && !mongoc_client_session_append(session, &options, &error))
            throw std::runtime_error(error.message);
        const bool done = mongoc_client_write_command_with_opts(client.get(), database.c_str(), &command,
                                                                &options, nullptr, &error);
        bson_destroy(&options);
        if (!done) throw std::runtime_error(fmt::format("{}: {}", json(bytes).substr(0, 200), error.message));
    }
};

Deployment::Deployment(std::string uri, std::unique_ptr<Devstack> server)
    : uri_(std::move(uri)), server_(std::move(server)), connection_(std::make_unique<Connection>()) {
    driver();
    static std::atomic<int> count{0};
    database_ = fmt::format("halcyon_test_{}_{}", ::getpid(), count++);
    connection_->client.reset(mongoc_client_new(uri_.c_str()));
    if (!connection_->client) throw std::runtime_error("a bad connection string");
}

Deployment::~Deployment() {
    const auto command = bson(R"({"dropDatabase":1})");
    const auto drop = view(command);
    mongoc_client_command_simple(connection_->client.get(), database_.c_str(), &drop, nullptr, nullptr,
                                 nullptr);
}

std::unique_ptr<Deployment> Deployment::devstack(std::vector<std::string> arguments,
                                                 const std::string& credentials) {
    arguments.insert(arguments.begin(), {"--mongodb-port", "0"});
    auto server = Devstack::start(arguments);
    if (!server) {
        WARN("SKIPPED: set HALCYON_DEVSTACK to the program halcyon-devstack to run this against it");
        return nullptr;
    }
    const auto port = boost::json::parse(server->ready()).at("mongodb_port").to_number<int>();
    auto uri = fmt::format("mongodb://{}127.0.0.1:{}/?directConnection=true", credentials, port);
    return std::make_unique<Deployment>(std::move(uri), std::move(server));
}

std::unique_ptr<Deployment> Deployment::real() {
    const char* uri = std::getenv("HALCYON_TEST_MONGODB_URI");
    return uri && *uri ? std::make_unique<Deployment>(uri) : nullptr;
}

void Deployment::run(const std::string& database, const std::string& command) {
    connection_->run(database, bson(command), nullptr);
}

void Deployment::insert(const std::string& collection, const std::string& document) {
    insert_bson(collection, {bson(document)});
}

void Deployment::insert_bson(const std::string& collection, const std::vector<std::string>& documents) {
    const std::unique_ptr<mongoc_collection_t, Destroy> to(
        mongoc_client_get_collection(connection_->client.get(), database_.c_str(), collection.c_str()));
    for (const auto& bytes : documents) {
        const auto document = view(bytes);
        bson_error_t error{};
        if (!mongoc_collection_insert_one(to.get(), &document, nullptr, nullptr, &error))
            throw std::runtime_error(error.message);
    }
}

void Deployment::transaction(const std::vector<std::string>& commands) {
    bson_error_t error{};
    const std::unique_ptr<mongoc_client_session_t, Destroy> session(
        mongoc_client_start_session(connection_->client.get(), nullptr, &error));
    if (!session || !mongoc_client_session_start_transaction(session.get(), nullptr, &error))
        throw std::runtime_error(error.message);
    for (const auto& command : commands) connection_->run(database_, bson(command), session.get());
    bson_t reply;
    const bool done = mongoc_client_session_commit_transaction(session.get(), &reply, &error);
    bson_destroy(&reply);
    if (!done) throw std::runtime_error(error.message);
}

void on_each_deployment(const std::function<void(Deployment&)>& body) {
    if (auto there = Deployment::devstack()) body(*there);
    if (auto there = Deployment::real()) body(*there);
}

}  // namespace halcyon::test
