// The development server for MongoDB, behind its socket. Input that begins with a brace: a command in
// extended JSON a line, where CURSOR and TOKEN stand for the id and the resume token of the cursor that was
// answered last. Else the bytes of one connection.
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/bson.hpp"
#include "core/document.hpp"
#include "devstack/mongo/message.hpp"
#include "devstack/mongo/server.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/values.hpp"

namespace halcyon::fuzz {
namespace {

using namespace devstack::mongo;

void replace(std::string& text, std::string_view word, const std::string& by) {
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + by.size()))
        text.replace(at, word.size(), by);
}

class Connection {
  public:
    Connection() : server_(loop_, ServerOptions{}, faults_) { server_.set_port(27017); }

    /// False where the connection would be closed.
    bool serve(const MessageHead& head, std::string message) {
        auto request = std::make_shared<Request>();
        request->message = std::move(message);
        request->client = client_;
        if (!read_message(head, *request)) return false;
        try {
            request->parse();
            // A getMore of a stream may be answered by a later one's change, or never.
            server_.handle(request, [this, head, answered = false](const std::string& reply) mutable {
                HOLDS(!std::exchange(answered, true));
                take(head, reply);
            });
        } catch (const CommandError& error) {
            take(head, server_.failure(error));
        }
        loop_.poll();
        return true;
    }

    void serve_line(std::string line) {
        replace(line, "CURSOR", cursor_);
        replace(line, "TOKEN", token_);
        const auto command = bson_of(line);
        // As a driver sends a command: flags, and one section of kind 0.
        if (bson::well_formed(command)) serve({.id = 1}, std::string(5, '\0') + command);
    }

  private:
    void take(const MessageHead& head, const std::string& reply) {
        HOLDS(valid(reply) && bson::well_formed(reply));
        HOLDS(View(reply)["ok"].is_number());
        const auto before = reply_head(head, reply.size());
        const auto back = read_head(before);
        HOLDS(back && back->body + MessageHead::size == before.size() + reply.size());
        const auto cursor = View(reply)["cursor"];
        if (!cursor.is_object()) return;
        if (const auto id = cursor.as_document()["id"].as_int(); id != 0)
            cursor_ = R"({"$numberLong":")" + std::to_string(id) + "\"}";
        if (const auto token = cursor.as_document()["postBatchResumeToken"]; token.is_object())
            token_ = Document::trusted(std::string(token.bytes)).to_json();
    }

    boost::asio::io_context loop_{1};
    devstack::Faults faults_;
    Server server_;
    std::shared_ptr<Client> client_ = std::make_shared<Client>();
    std::string cursor_ = R"({"$numberLong":"1"})";
    std::string token_ = R"({"_data":"82"})";
};

}  // namespace

void run(Input input) {
    constexpr int most = 32;
    Connection connection;
    Input peek = input;
    if (peek.take(1) == "{") {
        for (int i = 0; i < most && !input.empty(); ++i) connection.serve_line(std::string(input.line()));
        return;
    }
    for (int i = 0; i < most; ++i) {
        const auto bytes = input.take(MessageHead::size);
        if (bytes.size() < MessageHead::size) return;
        const auto head = read_head(bytes);
        if (!head) return;
        const auto body = input.take(head->body);
        if (body.size() < head->body || !connection.serve(*head, std::string(body))) return;
    }
}

}  // namespace halcyon::fuzz
