#include "devstack/faults.hpp"

#include <boost/json.hpp>
#include <random>
#include <stdexcept>
#include <utility>

namespace halcyon::devstack {
namespace {

namespace json = boost::json;

struct Armed {
    Fault fault;
    std::uint64_t seen = 0;
    std::uint64_t fired = 0;
    std::mt19937_64 chance;
};

struct Server {
    std::map<std::string, std::uint64_t, std::less<>> requests;
    std::map<std::string, std::uint64_t, std::less<>> figures;
    std::uint64_t fired = 0;
};

constexpr std::pair<std::string_view, FaultAction> actions[] = {
    {"close-before", FaultAction::close_before},
    {"close-after", FaultAction::close_after},
    {"delay", FaultAction::delay},
    {"delay-before", FaultAction::delay_before},
    {"error", FaultAction::error},
    {"error-after", FaultAction::error_after},
    {"hang", FaultAction::hang},
    {"hang-after", FaultAction::hang_after},
    {"pass", FaultAction::pass},
    {"down", FaultAction::down},
    {"late", FaultAction::late},
    {"acknowledged", FaultAction::acknowledged},
    {"wait-timeout", FaultAction::wait_timeout},
};

bool matches(const Fault& fault, std::string_view server, std::string_view request, std::string_view body) {
    if (!fault.server.empty() && fault.server != server) return false;
    if (!fault.contains.empty() && body.find(fault.contains) == std::string_view::npos) return false;
    if (fault.match.empty()) return true;
    return server == "mongodb" ? fault.match == request : request.starts_with(fault.match);
}

// Requests over HTTP are counted by method and the first two parts of the path; ids would fill the table.
std::string counted_name(std::string_view server, std::string_view request) {
    if (server == "mongodb") return std::string(request);
    return std::string(request.substr(0, request.find('?')));
}

Fault parse_one(const json::object& object) {
    Fault fault;
    bool has_action = false;
    for (const auto& [key, value] : object) {
        const auto text = [&] { return std::string(value.as_string()); };
        if (key == "server") {
            fault.server = text();
            if (fault.server != "mongodb" && fault.server != "qdrant")
                throw std::invalid_argument("\"server\" is \"mongodb\" or \"qdrant\"");
        } else if (key == "match") {
            fault.match = text();
        } else if (key == "contains") {
            fault.contains = text();
        } else if (key == "name") {
            fault.name = text();
        } else if (key == "action") {
            const std::string name = text();
            for (const auto& [known, action] : actions) {
                if (known == name) {
                    fault.action = action;
                    has_action = true;
                }
            }
            if (!has_action) throw std::invalid_argument("no such action: " + name);
        } else if (key == "count") {
            fault.count = value.to_number<std::uint64_t>();
        } else if (key == "after") {
            fault.after = value.to_number<std::uint64_t>();
        } else if (key == "probability") {
            fault.probability = value.to_number<double>();
        } else if (key == "seed") {
            fault.seed = value.to_number<std::uint64_t>();
        } else if (key == "ms") {
            fault.ms = std::chrono::milliseconds(value.to_number<std::int64_t>());
        } else if (key == "code") {
            fault.code = value.to_number<int>();
        } else if (key == "codeName") {
            fault.code_name = text();
        } else if (key == "message" || key == "errmsg") {
            fault.message = text();
        } else if (key == "errorLabels") {
            for (const auto& label : value.as_array()) fault.labels.emplace_back(label.as_string());
        } else if (key == "status") {
            fault.status = value.to_number<unsigned>();
        } else if (key == "body") {
            fault.body = value.is_string() ? text() : json::serialize(value);
        } else if (key == "headers") {
            for (const auto& [name, content] : value.as_object())
                fault.headers[std::string(name)] = std::string(content.as_string());
        } else {
            throw std::invalid_argument("unknown field: " + std::string(key));
        }
    }
    if (!has_action) throw std::invalid_argument("\"action\" is missing");
    return fault;
}

}  // namespace

struct Faults::Impl {
    std::vector<Armed> armed;
    std::map<std::string, Server, std::less<>> servers;
    std::vector<std::string> told;  // and not taken yet
    std::weak_ptr<Told> asked;

    Server& server(std::string_view name) {
        const auto it = servers.find(name);
        return it != servers.end() ? it->second : servers[std::string(name)];
    }
};

Faults::Faults() : impl_(std::make_unique<Impl>()) {
    impl_->server("mongodb");
    impl_->server("qdrant");
}
Faults::~Faults() = default;

std::optional<Fault> Faults::fire(std::string_view server, std::string_view request, std::string_view body) {
    Server& counters = impl_->server(server);
    ++counters.requests[counted_name(server, request)];
    for (auto it = impl_->armed.begin(); it != impl_->armed.end(); ++it) {
        if (!matches(it->fault, server, request, body)) continue;
        if (it->seen++ < it->fault.after) continue;
        if (it->fault.probability < 1.0 &&
            std::uniform_real_distribution<double>(0, 1)(it->chance) >= it->fault.probability)
            continue;
        ++counters.fired;
        Fault fault = it->fault;
        if (++it->fired == it->fault.count) impl_->armed.erase(it);
        return fault;
    }
    return std::nullopt;
}

void Faults::add(Fault fault) {
    Armed armed;
    armed.chance.seed(fault.seed);
    armed.fault = std::move(fault);
    impl_->armed.push_back(std::move(armed));
}

void Faults::clear(std::string_view server) {
    std::erase_if(impl_->armed,
                  [&](const Armed& armed) { return server.empty() || armed.fault.server == server; });
}

void Faults::tell(const Fault& fault) {
    if (fault.name.empty()) return;
    impl_->told.push_back(fault.name);
    if (const auto then = std::exchange(impl_->asked, {}).lock()) (*then)(std::exchange(impl_->told, {}));
}

void Faults::when_told(const std::shared_ptr<Told>& then) {
    if (!impl_->told.empty()) return (*then)(std::exchange(impl_->told, {}));
    impl_->asked = then;
}

void Faults::count(std::string_view server, std::string_view figure, std::uint64_t amount) {
    auto& figures = impl_->server(server).figures;
    const auto it = figures.find(figure);
    if (it != figures.end())
        it->second += amount;
    else
        figures.emplace(figure, amount);
}

std::string Faults::state_json() const {
    json::object out;
    for (const auto& [name, server] : impl_->servers) {
        json::object requests, figures;
        for (const auto& [key, value] : server.requests) requests[key] = value;
        for (const auto& [key, value] : server.figures) figures[key] = value;
        std::uint64_t open = 0;
        for (const auto& armed : impl_->armed)
            open += armed.fault.server == name || armed.fault.server.empty();
        out[name] = json::object{{"requests", std::move(requests)},
                                 {"figures", std::move(figures)},
                                 {"faults_fired", server.fired},
                                 {"faults_open", open}};
    }
    return json::serialize(out);
}

std::vector<Fault> Faults::parse(const std::string& text) {
    try {
        const json::value value = json::parse(text);
        std::vector<Fault> faults;
        if (value.is_array()) {
            for (const auto& each : value.as_array()) faults.push_back(parse_one(each.as_object()));
        } else {
            faults.push_back(parse_one(value.as_object()));
        }
        return faults;
    } catch (const boost::system::system_error& error) {
        throw std::invalid_argument(error.what());
    }
}

}  // namespace halcyon::devstack
