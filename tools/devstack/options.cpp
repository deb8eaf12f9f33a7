#include "devstack/options.hpp"

#include <charconv>
#include <functional>
#include <map>
#include <stdexcept>

namespace halcyon::devstack {

const char* const usage =
    R"(halcyon-devstack: MongoDB and Qdrant in memory, for trying halcyon out and for tests.
Nothing is kept when it stops, few features are there, nothing is fast or safe enough: NEVER FOR PRODUCTION.

usage: halcyon-devstack [options]

  --mongodb-port PORT       MongoDB's wire protocol; 0 takes a port that is free. Without it there is no such server
  --qdrant-port PORT        Qdrant's REST API; the same
  --control-port PORT       faults and counters over HTTP; the same (see README.md beside the source)
  --bind ADDRESS            127.0.0.1
  --ports-file FILE         the ports as JSON, as on standard output, written when everything listens
  --die-with-parent         stop when the process that started this one is gone

  --replica-set NAME        rs0
  --standalone              no replica set: no oplog, no change streams
  --server-version X.Y.Z    4.2.8; 7.0.0 and others raise the wire version and bring `hello`
  --oplog-bytes BYTES       536870912; a small one loses history, as a busy server does
  --event-bytes BYTES       16793600; larger change events are refused, or split where the version can do that
  --history-lost-code CODE  what a lost position answers: 136 (as 4.2 does) or 286 (as newer ones do); by the version
  --user NAME:PASSWORD:ROLE@DB[,ROLE@DB..]
                            switches authorization on; may be given again. Roles: read, readWrite, readAnyDatabase,
                            clusterMonitor, root
  --qdrant-api-key KEY      what Qdrant's callers must show
  --help

It prints one line of JSON when it is ready and stops on SIGTERM and SIGINT.
)";

namespace {

template <class Number>
Number number(const std::string& name, const std::string& text) {
    Number out{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size())
        throw std::invalid_argument(name + ": \"" + text + "\" is no number, or not in its range");
    return out;
}

void check_version(const std::string& text) {
    int major = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), major);
    if (error != std::errc{} || end == text.data() + text.size() || *end != '.' || major < 4)
        throw std::invalid_argument("--server-version: \"" + text + "\" is no version from 4.2.0 on");
}

}  // namespace

Options parse_options(int count, char** words) {
    Options out;
    const auto port = [](const std::string& name, const std::string& text) {
        return number<std::uint16_t>(name, text);
    };
    using Take = std::function<void(const std::string&, const std::string&)>;
    const std::map<std::string, Take> with_value{
        {"--mongodb-port", [&](auto& n, auto& v) { out.mongodb_port = port(n, v); }},
        {"--qdrant-port", [&](auto& n, auto& v) { out.qdrant_port = port(n, v); }},
        {"--control-port", [&](auto& n, auto& v) { out.control_port = port(n, v); }},
        {"--bind", [&](auto&, auto& v) { out.bind = v; }},
        {"--ports-file", [&](auto&, auto& v) { out.ports_file = v; }},
        {"--replica-set", [&](auto&, auto& v) { out.mongodb.replica_set = v; }},
        {"--server-version", [&](auto&, auto& v) { out.mongodb.version = v; }},
        {"--oplog-bytes", [&](auto& n, auto& v) { out.mongodb.oplog_bytes = number<std::size_t>(n, v); }},
        {"--event-bytes", [&](auto& n, auto& v) { out.mongodb.event_bytes = number<std::size_t>(n, v); }},
        {"--history-lost-code", [&](auto& n, auto& v) { out.mongodb.history_lost_code = number<int>(n, v); }},
        {"--user", [&](auto&, auto& v) { out.mongodb.users.push_back(mongo::parse_user(v)); }},
        {"--qdrant-api-key", [&](auto&, auto& v) { out.qdrant_api_key = v; }},
    };
    for (int i = 1; i < count; ++i) {
        std::string name = words[i];
        if (name == "--help" || name == "-h") {
            out.help = true;
        } else if (name == "--standalone") {
            out.mongodb.replica_set.clear();
        } else if (name == "--die-with-parent") {
            out.die_with_parent = true;
        } else {
            std::optional<std::string> value;
            if (const std::size_t at = name.find('='); at != std::string::npos) {
                value = name.substr(at + 1);
                name.resize(at);
            }
            const auto it = with_value.find(name);
            if (it == with_value.end()) throw std::invalid_argument("unknown option: " + name);
            if (!value && i + 1 < count) value = words[++i];
            if (!value) throw std::invalid_argument(name + " needs a value");
            it->second(name, *value);
        }
    }
    check_version(out.mongodb.version);
    if (const int code = out.mongodb.history_lost_code; code != 0 && code != 136 && code != 286)
        throw std::invalid_argument("--history-lost-code is 136 or 286");
    if (!out.help && !out.mongodb_port && !out.qdrant_port)
        throw std::invalid_argument(
            "nothing to serve: give --mongodb-port or --qdrant-port (0 takes a free one)");
    out.mongodb.bind = out.bind;
    out.mongodb.port = out.mongodb_port.value_or(0);
    return out;
}

}  // namespace halcyon::devstack
