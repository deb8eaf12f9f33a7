// Reading requests: JSON bodies and pages, every mistake a problem that names its field.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"
#include "core/overview.hpp"
#include "core/receipt.hpp"
#include "net/server/message.hpp"

namespace boost::json {
class object;
}

namespace halcyon::admin {

/// A wrong request: what is said of it.
using Wrong = net::ServerReply;
template <class T>
using Read = std::variant<T, Wrong>;

/// An empty body is an empty object. Errors: 400.
Read<boost::json::object> object_of(const net::ServerRequest& request);
/// `where` stands before names in messages ("documents[3]."). A long name is cut.
std::optional<Wrong> unknown_field(const boost::json::object& o,
                                   std::initializer_list<std::string_view> known,
                                   std::string_view where = "");
/// Nothing where it is not there; null is wrong, as any other type is.
Read<std::optional<std::string>> text_of(const boost::json::object& o, std::string_view name,
                                         std::string_view where = "");
/// `out` stays as it is where the field is not there.
std::optional<Wrong> read_flag(const boost::json::object& o, std::string_view name, bool& out);
std::optional<Wrong> read_count(const boost::json::object& o, std::string_view name, std::uint64_t& out);
/// A collection that a route leads to. Errors: 400, 404.
std::optional<Wrong> read_collection(const boost::json::object& o, const std::vector<RouteStatus>& routes,
                                     std::optional<CollectionName>& out);

/// A route leads from `ns` to `collection`; either may be empty: any.
bool leads(const std::vector<RouteStatus>& routes, std::string_view ns, std::string_view collection);

/// A parameter of the query that is a number, `otherwise` where it is not there; nothing: it is none from 1
/// to `most`.
std::optional<std::size_t> number_of(const net::ServerRequest& request, std::string_view name,
                                     std::size_t otherwise, std::size_t most);
/// Those that choose what is listed must say something where they are there.
std::optional<Wrong> empty_parameter(const net::ServerRequest& request,
                                     std::initializer_list<std::string_view> names);
/// `limit` of a list: 100 unless it is there; nothing: it is no number from 1 to `most`.
std::optional<std::size_t> page_limit(const net::ServerRequest& request, std::size_t most);
net::ServerReply wrong_limit(std::size_t most);

/// Of a list that could not be read: a cursor that is none is the caller's fault.
net::ServerReply wrong_page(const Error& e);

/// The problem that an Error is to a caller.
net::ServerReply answer(const Error& e);
net::ServerReply reply_of(const boost::json::object& body, unsigned status = 200);
/// A handler's reply that is there already.
Task<net::ServerReply> ready(net::ServerReply reply);

}  // namespace halcyon::admin
