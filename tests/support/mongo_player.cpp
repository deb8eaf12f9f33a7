#include "support/mongo_player.hpp"

#include <arpa/inet.h>
#include <bson/bson.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <stdexcept>

#include "support/recording.hpp"

namespace halcyon::test {
namespace {

// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
constexpr std::int32_t op_reply = 1;
constexpr std::int32_t op_query = 2004;
constexpr std::int32_t op_msg = 2013;

struct Header {
    std::int32_t length, request, response_to, op;
};

bool read_all(int fd, void* to, std::size_t size) {
    auto* at = static_cast<char*>(to);
    while (size > 0) {
        const auto n = ::recv(fd, at, size, 0);
        if (n <= 0) return false;
        at += n;
        size -= static_cast<std::size_t>(n);
    }
    return true;
}

bool write_all(int fd, const std::string& bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto n = ::send(fd, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (n <= 0) return false;
        done += static_cast<std::size_t>(n);
    }
    return true;
}

template <class T>
T number(const char* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}
template <class T>
void put(std::string& out, T value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string framed(std::int32_t op, std::int32_t response_to, const std::string& body) {
    std::string out;
    put(out, static_cast<std::int32_t>(16 + body.size()));
    put(out, std::int32_t{1});
    put(out, response_to);
    put(out, op);
    return out + body;
}

std::string field(const std::string& bson, const char* name) {
    bson_t view;
    bson_iter_t it;
    if (!bson_init_static(&view, reinterpret_cast<const std::uint8_t*>(bson.data()), bson.size()) ||
        !bson_iter_init_find(&it, &view, name))
        return {};
    if (BSON_ITER_HOLDS_UTF8(&it)) return bson_iter_utf8(&it, nullptr);
    if (BSON_ITER_HOLDS_NUMBER(&it)) return std::to_string(bson_iter_as_int64(&it));
    return {};
}

std::string first_key(const std::string& bson) {
    bson_t view;
    bson_iter_t it;
    if (!bson_init_static(&view, reinterpret_cast<const std::uint8_t*>(bson.data()), bson.size()) ||
        !bson_iter_init(&it, &view) || !bson_iter_next(&it))
        return {};
    return bson_iter_key(&it);
}

/// The fields of `base` that `over` does not have, then those of `over`.
std::string merged(const std::string& base, const std::string& over) {
    bson_t b;
    bson_t o;
    bson_init_static(&b, reinterpret_cast<const std::uint8_t*>(base.data()), base.size());
    bson_init_static(&o, reinterpret_cast<const std::uint8_t*>(over.data()), over.size());
    bson_t out;
    bson_init(&out);
    bson_iter_t it;
    bson_iter_init(&it, &b);
    while (bson_iter_next(&it))
        if (!bson_has_field(&o, bson_iter_key(&it))) bson_append_iter(&out, nullptr, 0, &it);
    bson_concat(&out, &o);
    std::string bytes(reinterpret_cast<const char*>(bson_get_data(&out)), out.len);
    bson_destroy(&out);
    return bytes;
}

}  // namespace

MongoPlayer::MongoPlayer() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("cannot listen");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

MongoPlayer::~MongoPlayer() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
        for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    stopped_.notify_all();
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (auto& t : threads_) t.join();
    ::close(listener_);
}

std::string MongoPlayer::uri(const std::string& credentials) const {
    return fmt::format("mongodb://{}127.0.0.1:{}/?directConnection=true", credentials, port_);
}

void MongoPlayer::queue(const std::string& command, std::string reply) {
    queue(command, PlayedReply{PlayedReply::Kind::answer, std::move(reply)});
}
void MongoPlayer::queue(const std::string& command, PlayedReply reply) {
    const std::lock_guard lock(mutex_);
    queued_[command].push_back(std::move(reply));
}
void MongoPlayer::on(const std::string& command, Handler handler) {
    const std::lock_guard lock(mutex_);
    handlers_[command] = std::move(handler);
}
void MongoPlayer::hello(std::string json) {
    const std::lock_guard lock(mutex_);
    hello_ = std::move(json);
}
void MongoPlayer::idle_token(std::string data) {
    const std::lock_guard lock(mutex_);
    idle_token_ = std::move(data);
}
std::vector<PlayedCommand> MongoPlayer::received(const std::string& command) const {
    const std::lock_guard lock(mutex_);
    std::vector<PlayedCommand> out;
    for (const auto& c : log_)
        if (c.name == command) out.push_back(c);
    return out;
}
std::size_t MongoPlayer::connections() const {
    const std::lock_guard lock(mutex_);
    return accepted_;
}

void MongoPlayer::accept_all() {
    for (;;) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const std::lock_guard lock(mutex_);
        if (stop_ || fd < 0) {
            if (fd >= 0) ::close(fd);
            return;
        }
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        open_.push_back(fd);
        ++accepted_;
        threads_.emplace_back([this, fd] { serve(fd); });
    }
}

void MongoPlayer::serve(int fd) {
    Header header{};
    while (read_all(fd, &header, sizeof header)) {
        std::string body(static_cast<std::size_t>(header.length) - sizeof header, '\0');
        if (!read_all(fd, body.data(), body.size())) break;
        PlayedCommand command;
        if (header.op == op_query) {
            const auto ns = std::strlen(body.data() + 4);
            command.bson = body.substr(4 + ns + 1 + 8);
        } else if (header.op == op_msg) {
            const auto size = static_cast<std::size_t>(number<std::int32_t>(body.data() + 5));
            command.bson = body.substr(5, size);
        } else {
            break;
        }
        command.name = first_key(command.bson);
        command.database = field(command.bson, "$db");
        const auto reply = answer(command);
        if (reply.kind == PlayedReply::Kind::hang_up) break;
        if (reply.kind == PlayedReply::Kind::hang) {
            wait(600'000);
            break;
        }
        std::string out;
        if (header.op == op_query) {
            put(out, std::int32_t{8});
            put(out, std::int64_t{0});
            put(out, std::int32_t{0});
            put(out, std::int32_t{1});
        } else {
            put(out, std::int32_t{0});
            out += '\0';
        }
        out += reply.bson;
        if (!write_all(fd, framed(header.op == op_query ? op_reply : op_msg, header.request, out))) break;
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, fd);
    ::close(fd);
}

PlayedReply MongoPlayer::answer(const PlayedCommand& command) {
    Handler handler;
    {
        const std::lock_guard lock(mutex_);
        const auto name = command.name == "ismaster" ? "isMaster" : command.name;
        if (name != "isMaster" && name != "hello") log_.push_back(command);
        auto& waiting = queued_[name];
        if (!waiting.empty()) {
            auto reply = std::move(waiting.front());
            waiting.pop_front();
            return reply;
        }
        const auto found = handlers_.find(name);
        if (found != handlers_.end()) handler = found->second;
    }
    if (handler) return handler(command);
    return {PlayedReply::Kind::answer, defaults(command)};
}

std::string MongoPlayer::defaults(const PlayedCommand& command) {
    const auto& name = command.name;
    if (name == "isMaster" || name == "ismaster" || name == "hello") {
        const std::lock_guard lock(mutex_);
        const auto me = fmt::format("127.0.0.1:{}", port_);
        return merged(
            bson(fmt::format(R"({{"ismaster":true,"isWritablePrimary":true,"secondary":false,"setName":"rs0",
                "setVersion":1,"hosts":["{0}"],"primary":"{0}","me":"{0}","maxBsonObjectSize":16777216,
                "maxMessageSizeBytes":48000000,"maxWriteBatchSize":100000,"logicalSessionTimeoutMinutes":30,
                "minWireVersion":0,"maxWireVersion":8,"readOnly":false,"ok":1.0}})",
                             me)),
            bson(hello_));
    }
    if (name == "ping")
        return bson(R"({"ok":1.0,"operationTime":{"$timestamp":{"t":1795222124,"i":1}},
            "$clusterTime":{"clusterTime":{"$timestamp":{"t":1795222124,"i":1}},
            "signature":{"hash":{"$binary":{"base64":"AAAAAAAAAAAAAAAAAAAAAAAAAAA=","subType":"00"}},
            "keyId":{"$numberLong":"0"}}}})");
    if (name == "endSessions" || name == "killCursors") return bson(R"({"ok":1.0})");
    if (name == "buildInfo") return bson(R"({"version":"4.2.8","ok":1.0})");
    if (name == "getMore") {
        const auto ms = field(command.bson, "maxTimeMS");
        wait(ms.empty() ? 0 : std::stoll(ms));
        const std::lock_guard lock(mutex_);
        return cursor_reply(command.database + "." + field(command.bson, "collection"),
                            std::stoll(field(command.bson, "getMore")), false, {}, idle_token_);
    }
    return error_reply(59, fmt::format("no such command: '{}'", name));
}

void MongoPlayer::wait(std::int64_t ms) {
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, std::chrono::milliseconds(ms), [&] { return stop_; });
}

std::string cursor_reply(const std::string& ns, std::int64_t id, bool first,
                         const std::vector<std::string>& documents, const std::string& token) {
    bson_t out;
    bson_t cursor;
    bson_t batch;
    bson_init(&out);
    bson_append_document_begin(&out, "cursor", -1, &cursor);
    bson_append_array_begin(&cursor, first ? "firstBatch" : "nextBatch", -1, &batch);
    for (std::size_t i = 0; i < documents.size(); ++i) {
        bson_t d;
        bson_init_static(&d, reinterpret_cast<const std::uint8_t*>(documents[i].data()), documents[i].size());
        bson_append_document(&batch, std::to_string(i).c_str(), -1, &d);
    }
    bson_append_array_end(&cursor, &batch);
    if (!token.empty()) {
        bson_t t;
        bson_append_document_begin(&cursor, "postBatchResumeToken", -1, &t);
        BSON_APPEND_UTF8(&t, "_data", token.c_str());
        bson_append_document_end(&cursor, &t);
    }
    BSON_APPEND_INT64(&cursor, "id", id);
    BSON_APPEND_UTF8(&cursor, "ns", ns.c_str());
    bson_append_document_end(&out, &cursor);
    BSON_APPEND_DOUBLE(&out, "ok", 1.0);
    std::string bytes(reinterpret_cast<const char*>(bson_get_data(&out)), out.len);
    bson_destroy(&out);
    return bytes;
}

std::string error_reply(int code, const std::string& message) {
    bson_t out;
    bson_init(&out);
    BSON_APPEND_DOUBLE(&out, "ok", 0.0);
    BSON_APPEND_UTF8(&out, "errmsg", message.c_str());
    BSON_APPEND_INT32(&out, "code", code);
    std::string bytes(reinterpret_cast<const char*>(bson_get_data(&out)), out.len);
    bson_destroy(&out);
    return bytes;
}

}  // namespace halcyon::test
