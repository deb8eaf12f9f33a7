// Requests to the development server for Qdrant, one after the other: a line "METHOD TARGET", then a line
// that is the body.
#include <algorithm>
#include <string>

#include "devstack/qdrant/service.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/values.hpp"

namespace halcyon::fuzz {

void run(Input input) {
    using namespace devstack;
    qdrant::Service service;
    for (int i = 0; i < 32 && !input.empty(); ++i) {
        HttpRequest request;
        const auto first = input.line();
        const auto space = std::min(first.find(' '), first.size());
        request.method = first.substr(0, space);
        request.target = first.substr(std::min(space + 1, first.size()));
        request.body = input.line();
        const auto reply = service.handle(request);
        HOLDS(reply.status == 200 || (reply.status >= 400 && reply.status < 500));
        if (reply.type == "application/json") HOLDS(is_json(reply.body));
        if (reply.status != 200 && reply.type == "application/json")
            HOLDS(reply.body.starts_with("{\"status\":{\"error\":\""));
    }
    for (const char* name : {"c", "products__1"})
        if (service.database().exists(name))
            HOLDS(is_json(qdrant::all_points_json(service.database().get(name))));
}

}  // namespace halcyon::fuzz
