#include "qdrant/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace halcyon::qdrant {

namespace {

auto invalid(std::string text) { return fail(Verdict::fatal, Cause::invalid, std::move(text)); }

// The text behind the last ':' of the authority, empty where there is none.
std::string_view port_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    auto authority = url.substr(scheme + 3);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    const auto colon = authority.rfind(':');
    const auto bracket = authority.rfind(']');
    if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return {};
    return authority.substr(colon + 1);
}

bool is_consistency(std::string_view text) {
    if (text.empty() || text == "all" || text == "majority" || text == "quorum") return true;
    return text.front() != '0' &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<> check(const Options& o) {
    if (!o.url.starts_with("http://") && !o.url.starts_with("https://"))
        return invalid("qdrant.url must begin with http:// or https://");
    if (port_of(o.url) == "6334")
        return invalid("qdrant.url: 6334 is Qdrant's gRPC port; halcyon speaks REST, usually on port 6333");
    if (o.timeout < std::chrono::seconds(2)) return invalid("qdrant.timeout must be at least 2s");
    if (o.admin_timeout < std::chrono::seconds(2)) return invalid("qdrant.admin_timeout must be at least 2s");
    if (o.connections < 1 || o.connections > 1024) return invalid("qdrant.connections must be 1 to 1024");
    if (o.request_bytes < 64 * KiB || o.request_bytes > 32 * MiB)
        return invalid("qdrant.request_bytes must be 64KiB to 32MiB, the server's limit");
    if (o.request_points < 1) return invalid("qdrant.request_points must be at least 1");
    if (o.lookup_keys < 1) return invalid("qdrant.lookup_keys must be at least 1");
    if (!o.ordering.empty() && o.ordering != "weak" && o.ordering != "medium" && o.ordering != "strong")
        return invalid(fmt::format("qdrant.ordering: \"{}\" is none of weak, medium, strong", o.ordering));
    if (!is_consistency(o.consistency))
        return invalid(fmt::format(
            "qdrant.consistency: \"{}\" is none of all, majority, quorum, a number above 0", o.consistency));
    if (o.source.value().empty()) return invalid("qdrant: the source has no name");
    return success();
}

}  // namespace halcyon::qdrant
