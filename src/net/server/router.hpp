// From method and path to a handler.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/server/message.hpp"

namespace halcyon::net {

/// Patterns: "/dead-letters/{id}" (one segment, not empty), "/shards/{n:uint}" (decimal, below 2^64). Literal
/// segments win over uint, uint over text. HEAD is served by GET. An unknown path is 404, a known one with
/// another method 405 with Allow, a path or query with a broken escape 400. Fill it before the server starts.
class Router {
  public:
    Router();
    /// Throws std::logic_error for a pattern that is malformed or taken.
    Router& add(const std::string& method, const std::string& pattern, Handler handler);
    struct Entry {
        std::string method;
        std::string pattern;
    };
    /// In the order in which they were added.
    std::vector<Entry> routes() const;
    /// What HttpServer takes; it shares the routes.
    Handler handler() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace halcyon::net
