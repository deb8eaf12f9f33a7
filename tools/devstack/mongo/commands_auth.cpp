// SCRAM-SHA-1 and SCRAM-SHA-256 (RFC 5802, RFC 7677), and logout.
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <utility>

#include "devstack/mongo/server.hpp"

namespace halcyon::devstack::mongo {
namespace {

struct Conversation {
    std::int32_t id = 1;
    bool sha256 = true;
    const User* user = nullptr;
    std::string db;
    std::string salt;
    std::string auth_message;  // so far
    std::string nonce;
    bool proved = false;
};

constexpr int iterations = 4096;

const EVP_MD* digest_of(const Conversation& talk) { return talk.sha256 ? EVP_sha256() : EVP_sha1(); }

CommandError refused() { return {18, "Authentication failed."}; }

std::string base64(std::string_view bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

std::string unbase64(std::string_view text) {
    std::string out(text.size(), '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) throw refused();
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    out.resize(static_cast<std::size_t>(size) - padding);
    return out;
}

std::string hash(const Conversation& talk, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, digest_of(talk), nullptr);
    return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hmac(const Conversation& talk, std::string_view key, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    HMAC(digest_of(talk), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out.data(), &size);
    return {reinterpret_cast<const char*>(out.data()), size};
}

// MongoDB's SCRAM-SHA-1 works on a digest of the password.
std::string prepared_password(const Conversation& talk) {
    if (talk.sha256) return talk.user->password;
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    const std::string text = talk.user->name + ":mongo:" + talk.user->password;
    EVP_Digest(text.data(), text.size(), out.data(), &size, EVP_md5(), nullptr);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += "0123456789abcdef"[out[i] >> 4];
        hex += "0123456789abcdef"[out[i] & 15];
    }
    return hex;
}

std::string salted_password(const Conversation& talk) {
    const std::string password = prepared_password(talk);
    std::string out(talk.sha256 ? 32 : 20, '\0');
    PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                      reinterpret_cast<const unsigned char*>(talk.salt.data()),
                      static_cast<int>(talk.salt.size()), iterations, digest_of(talk),
                      static_cast<int>(out.size()), reinterpret_cast<unsigned char*>(out.data()));
    return out;
}

std::string random_text(std::size_t bytes) {
    std::string out(bytes, '\0');
    RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(bytes));
    return out;
}

// The value of an attribute in a comma-separated message: "r=..".
std::string attribute(std::string_view message, char name) {
    while (!message.empty()) {
        const std::string_view part = message.substr(0, message.find(','));
        if (part.size() >= 2 && part[0] == name && part[1] == '=') return std::string(part.substr(2));
        message.remove_prefix(std::min(message.size(), part.size() + 1));
    }
    return {};
}

std::string payload_of(const Request& request) {
    const Value payload = request["payload"];
    if (payload.type == Type::binary) return std::string(payload.bytes.substr(5));
    if (payload.is_string()) return std::string(payload.as_string());
    throw refused();
}

void answer(Context& context, const Conversation& talk, bool done, const std::string& payload) {
    context.reply.add("conversationId", talk.id).add("done", done).binary("payload", payload, 0);
}

void start(Context& context) {
    const Request& request = *context.request;
    const Value mechanism = request["mechanism"];
    const std::string name = mechanism.is_string() ? std::string(mechanism.as_string()) : std::string();
    if (name != "SCRAM-SHA-1" && name != "SCRAM-SHA-256") throw refused();
    auto talk = std::make_shared<Conversation>();
    talk->sha256 = name == "SCRAM-SHA-256";
    talk->db = request.db;
    const std::string first = payload_of(request);
    if (!first.starts_with("n,,")) throw refused();
    const std::string bare = first.substr(3);
    const std::string wanted = attribute(bare, 'n');
    for (const User& user : context.server.options().users) {
        if (user.name == wanted) talk->user = &user;
    }
    if (talk->user == nullptr) throw refused();
    talk->salt = random_text(talk->sha256 ? 28 : 16);
    talk->nonce = attribute(bare, 'r') + base64(random_text(24));
    const std::string reply =
        "r=" + talk->nonce + ",s=" + base64(talk->salt) + ",i=" + std::to_string(iterations);
    talk->auth_message = bare + "," + reply;
    answer(context, *talk, false, reply);
    context.request->client->conversation = talk;
}

void go_on(Context& context) {
    Client& client = *context.request->client;
    const auto talk = std::static_pointer_cast<Conversation>(client.conversation);
    if (!talk) throw CommandError(17, "No SASL session state found");
    if (talk->proved) {
        client.conversation = nullptr;
        return answer(context, *talk, true, "");
    }
    const std::string message = payload_of(*context.request);
    const std::size_t proof_at = message.rfind(",p=");
    if (proof_at == std::string::npos || attribute(message, 'r') != talk->nonce) throw refused();
    talk->auth_message += "," + message.substr(0, proof_at);
    const std::string salted = salted_password(*talk);
    const std::string client_key = hmac(*talk, salted, "Client Key");
    const std::string stored = hash(*talk, client_key);
    const std::string signature = hmac(*talk, stored, talk->auth_message);
    const std::string proof = unbase64(std::string_view(message).substr(proof_at + 3));
    std::string shown = proof;
    for (std::size_t i = 0; i < shown.size() && i < signature.size(); ++i)
        shown[i] = static_cast<char>(shown[i] ^ signature[i]);
    if (shown != client_key) {
        client.conversation = nullptr;
        throw refused();
    }
    client.user = talk->user->name;
    client.user_db = talk->db;
    talk->proved = true;
    const std::string server_key = hmac(*talk, salted, "Server Key");
    answer(context, *talk, false, "v=" + base64(hmac(*talk, server_key, talk->auth_message)));
}

void logout(Context& context) {
    context.request->client->user.clear();
    context.request->client->user_db.clear();
}

}  // namespace

void add_auth_commands(Commands& commands) {
    constexpr unsigned open = Command::idl | Command::open_to_all;
    commands["saslStart"] = {start, {"mechanism", "payload", "autoAuthorize", "options", "db"}, open};
    commands["saslContinue"] = {go_on, {"payload", "conversationId"}, open};
    commands["logout"] = {logout, {}, open};
}

}  // namespace halcyon::devstack::mongo
