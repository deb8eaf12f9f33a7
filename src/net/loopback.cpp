#include "net/loopback.hpp"

#include <boost/asio/ip/address.hpp>

#include "net/http.hpp"

namespace halcyon::net {

bool is_loopback(std::string_view host) {
    auto name = host.starts_with('[') ? host.substr(0, std::min(host.find(']') + 1, host.size()))
                                      : host.substr(0, host.find(':'));
    if (equal_without_case(name, "localhost")) return true;
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    boost::system::error_code ec;
    const auto address = boost::asio::ip::make_address(std::string(name), ec);
    return !ec && address.is_loopback();
}

}  // namespace halcyon::net
