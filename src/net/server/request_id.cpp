#include "net/server/request_id.hpp"

#include <fmt/format.h>

#include "base/random.hpp"

namespace halcyon::net {

bool is_request_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 &&
           text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
               std::string_view::npos;
}

std::string new_request_id() {
    static SeededRandom random(entropy_seed());
    return fmt::format("{:016x}", random.next());
}

}  // namespace halcyon::net
