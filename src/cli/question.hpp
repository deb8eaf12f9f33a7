// Questions to a running sidecar that are answered by JSON objects, and how those are read.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/commands.hpp"
#include "net/http.hpp"

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
/// Nothing: no object, or no number, of that name.
const boost::json::object* object(const boost::json::object& o, std::string_view name);
std::optional<double> real(const boost::json::object& o, std::string_view name);
/// "2026-01-31T12:00:00.000Z" as "2026-01-31 12:00:00"; `length`: characters that are kept.
std::string moment(const boost::json::object& o, std::string_view name, std::size_t length = 19);

struct Answer {
    Exit exit = Exit::done;
    /// Nobody listens on the socket: no sidecar runs. Only then may the folder be read instead.
    bool nobody = false;
    std::string said{};  // what went wrong and what to do next, for people; may be empty
    std::string raw{};
    std::string location{};                               // of what was made, or of what is in the way
    std::shared_ptr<const boost::json::object> parsed{};  // never null
    const boost::json::object& body() const { return *parsed; }
};

/// What a reply, or the lack of one, means. Pure. `method`: of the request.
Answer answer_of(const Access& access, std::string_view method, const Result<net::Reply>& reply);

/// Asks and waits; says nothing.
Answer quiet_question(const Target& target, const std::string& method, const std::string& path,
                      const std::string& body = {}, std::chrono::seconds patience = std::chrono::seconds(10));
/// The same; what went wrong is on standard error already, unless nobody listens.
Answer question(const Target& target, const std::string& method, const std::string& path,
                const std::string& body = {}, std::chrono::seconds patience = std::chrono::seconds(10));

/// How a command ends that got no good answer: reads the folder instead where it can, or says what is
/// missing.
Exit without_answer(const Target& target, const Answer& a);

/// The reply itself with --json, else what `shown` makes of it, without anything that steers a terminal.
void print_reply(bool json, const std::string& raw, std::string (*shown)(const std::string&));

}  // namespace halcyon::cli
