// Questions to a running sidecar that are answered by JSON objects, and how those are read.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "cli/commands.hpp"

namespace boost::json {
class array;
class object;
}  // namespace boost::json

namespace halcyon::cli {

/// A text as it is, nothing or null as an empty text, anything else as JSON.
std::string text(const boost::json::object& o, std::string_view name);
/// 0, false and empty where there is none.
std::uint64_t number(const boost::json::object& o, std::string_view name);
bool flag(const boost::json::object& o, std::string_view name);
const boost::json::array& rows(const boost::json::object& o, std::string_view name);
/// Nothing: no object of that name.
const boost::json::object* object(const boost::json::object& o, std::string_view name);

/// The reply; what went wrong is on standard error already, unless nobody answered.
struct Answer {
    Exit exit = Exit::done;
    std::string raw;
    std::shared_ptr<const boost::json::object> parsed;  // never null
    const boost::json::object& body() const { return *parsed; }
};

Answer question(const Target& target, const std::string& method, const std::string& path,
                const std::string& body = {}, std::chrono::seconds patience = std::chrono::seconds(10));

}  // namespace halcyon::cli
