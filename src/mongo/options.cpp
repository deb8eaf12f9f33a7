#include "mongo/options.hpp"

#include <fmt/format.h>
#include <mongoc/mongoc.h>

#include <memory>

#include "base/log.hpp"

namespace halcyon::mongo {
namespace {

using Uri = std::unique_ptr<mongoc_uri_t, decltype(&mongoc_uri_destroy)>;

Uri parse(const std::string& text, bson_error_t* error) {
    return {mongoc_uri_new_with_error(text.c_str(), error), &mongoc_uri_destroy};
}

/// The password as it stands between the first ':' and the last '@' of the authority.
std::string_view raw_password(std::string_view uri) {
    const auto scheme = uri.find("://");
    if (scheme == std::string_view::npos) return {};
    uri.remove_prefix(scheme + 3);
    const auto at = uri.rfind('@');
    const auto colon = uri.find(':');
    if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) return {};
    return uri.substr(colon + 1, at - colon - 1);
}

}  // namespace

Result<> check(const Options& options) {
    using std::chrono::milliseconds;
    bson_error_t error{};
    if (!parse(options.uri, &error)) {
        // The driver quotes the part that it did not understand, which may be the end of a password.
        const bool secret = options.uri.find('@') != std::string::npos;
        return fail(
            Verdict::fatal, Cause::invalid,
            secret ? "the MongoDB connection string is malformed: user and password must be percent-encoded "
                     "(mongodb://user:p%40ss@host:27017/?replicaSet=rs0)"
                   : fmt::format("the MongoDB connection string is malformed: {}", error.message));
    }
    const auto between = [](milliseconds v, milliseconds low, milliseconds high) {
        return v >= low && v <= high;
    };
    if (!between(options.await, milliseconds(10), milliseconds(10'000)))
        return fail(Verdict::fatal, Cause::invalid, "await must lie between 10 ms and 10 s");
    if (!between(options.socket_timeout, milliseconds(1'000), milliseconds(600'000)) ||
        options.socket_timeout <= options.await)
        return fail(Verdict::fatal, Cause::invalid,
                    "socket_timeout must lie between 1 s and 10 min and be longer than await");
    if (!between(options.connect_timeout, milliseconds(100), milliseconds(600'000)) ||
        !between(options.server_selection_timeout, milliseconds(100), milliseconds(600'000)))
        return fail(Verdict::fatal, Cause::invalid,
                    "connect_timeout and server_selection_timeout must lie between 100 ms and 10 min");
    if (options.batch_size < 1 || options.batch_size > 10'000)
        return fail(Verdict::fatal, Cause::invalid, "batch_size must lie between 1 and 10,000");
    return success();
}

std::string hosts_of(const Options& options) {
    const auto uri = parse(options.uri, nullptr);
    if (!uri) return "(malformed connection string)";
    std::string out;
    for (const auto* host = mongoc_uri_get_hosts(uri.get()); host; host = host->next)
        out += (out.empty() ? "" : ",") + std::string(host->host_and_port);
    if (out.empty()) {
        const char* srv = mongoc_uri_get_srv_hostname(uri.get());
        out = srv ? srv : "";
    }
    return out;
}

void mask_secrets(const Options& options) {
    log::mask(raw_password(options.uri));
    if (const auto uri = parse(options.uri, nullptr))
        if (const char* password = mongoc_uri_get_password(uri.get())) log::mask(password);
}

}  // namespace halcyon::mongo
