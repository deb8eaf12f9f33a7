// halcyon-devstack: see options.cpp for what it is, and README.md for its control port.
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>

#include "devstack/control.hpp"
#include "devstack/options.hpp"
#ifdef HALCYON_DEVSTACK_QDRANT
#include "devstack/qdrant/server.hpp"
#endif

namespace {

using namespace halcyon::devstack;

// Whole or not at all: a reader never sees half a line.
void write_ports(const std::string& file, const std::string& line) {
    const std::string temporary = file + ".new";
    {
        std::ofstream out(temporary, std::ios::trunc);
        out << line << "\n";
        if (!out.flush()) throw std::runtime_error("cannot write " + temporary);
    }
    if (std::rename(temporary.c_str(), file.c_str()) != 0) throw std::runtime_error("cannot write " + file);
}

int serve(const Options& options) {
    const pid_t parent = getppid();
    if (options.die_with_parent) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent || parent == 1) return 1;
    }
    boost::asio::io_context loop(1);
    Faults faults;
    std::optional<mongo::Server> mongodb;
    std::optional<mongo::WireServer> wire;
    std::string line = "{";
    const auto announce = [&](const std::string& name, std::uint16_t port) {
        line += (line.size() > 1 ? "," : "") + ("\"" + name + "\":") + std::to_string(port);
    };
    Controlled controlled;
    controlled.faults = &faults;
    if (options.mongodb_port) {
        mongodb.emplace(loop, options.mongodb, faults);
        wire.emplace(loop, *mongodb, faults);
        controlled.mongodb = &*mongodb;
        controlled.mongodb_wire = &*wire;
        announce("mongodb_port", wire->port());
    }
#ifdef HALCYON_DEVSTACK_QDRANT
    std::optional<QdrantServer> qdrant;
    if (options.qdrant_port) {
        qdrant.emplace(loop, QdrantOptions{options.bind, *options.qdrant_port, options.qdrant_api_key},
                       faults);
        controlled.qdrant = [&qdrant](const HttpRequest& request) { return qdrant->control(request); };
        announce("qdrant_port", qdrant->port());
    }
#else
    if (options.qdrant_port) throw std::runtime_error("this halcyon-devstack was built without Qdrant");
#endif
    std::optional<HttpServer> control;
    if (options.control_port) {
        HttpOptions http;
        http.bind = options.bind;
        http.port = *options.control_port;
        control.emplace(loop, http, control_handler(controlled));
        announce("control_port", control->port());
    }
    line += ",\"pid\":" + std::to_string(getpid()) + "}";
    boost::asio::signal_set signals(loop, SIGTERM, SIGINT);
    signals.async_wait([&](boost::system::error_code error, int) {
        if (!error) loop.stop();
    });
    if (!options.ports_file.empty()) write_ports(options.ports_file, line);
    std::cout << line << std::endl;
    loop.run();
    return 0;
}

}  // namespace

int main(int count, char** words) {
    try {
        const Options options = parse_options(count, words);
        if (options.help) {
            std::cout << usage;
            return 0;
        }
        return serve(options);
    } catch (const std::invalid_argument& error) {
        std::cerr << "halcyon-devstack: " << error.what() << "\n(--help shows the options)\n";
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "halcyon-devstack: " << error.what() << "\n";
        return 1;
    }
}
