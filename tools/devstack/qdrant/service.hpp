// Qdrant's REST API as one function from a request to its reply. Nothing here knows of connections or
// time-outs.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "devstack/http.hpp"
#include "devstack/qdrant/database.hpp"
#include "devstack/qdrant/url.hpp"

namespace halcyon::devstack::qdrant {

// What a write is answered, where it isn't the truth that is wanted.
enum class Answer {
    honest,
    acknowledged,  // checked and answered, but not applied
    wait_timeout,  // the same
};

class Service {
  public:
    // An empty key: everybody may.
    explicit Service(std::string api_key = {}) : api_key_(std::move(api_key)) {}

    HttpReply handle(const HttpRequest& request, Answer answer = Answer::honest);
    static bool is_write(const HttpRequest& request);
    static HttpReply error(unsigned status, const std::string& text);

    Database& database() { return database_; }
    // Points that upserts brought since the last call.
    std::uint64_t take_upserted() { return std::exchange(upserted_, 0); }

  private:
    struct Call;
    bool allowed(const HttpRequest& request, const Target& target) const;
    // The "result" of the reply. `no_route` where there is no such route.
    HttpReply route(Call& call);
    HttpReply route_collection(Call& call);
    HttpReply route_points(Call& call);
    HttpReply update(Call& call, std::string_view kind);
    HttpReply update_batch(Call& call);
    HttpReply index(Call& call);
    template <class Read>
    HttpReply read(Call& call);
    HttpReply query_batch(Call& call);

    std::string api_key_;
    Database database_;
    std::uint64_t upserted_ = 0;
};

// Every point with payload and vectors, in scroll's form.
std::string all_points_json(const Collection& collection);

}  // namespace halcyon::devstack::qdrant
