// The Idempotency-Key of triggers: a request that is sent again gets the reply of the first. Pure.
#pragma once

#include <chrono>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "base/digest.hpp"
#include "net/server/message.hpp"

namespace halcyon::admin {

/// In memory, for a day and the newest 1,000; a restart forgets. Thread rule: one thread at a time.
class Idempotency {
  public:
    /// Go on, and tell `ended`; or answer this: the reply of before, 409 while the first is under way, 422
    /// for the same key with another request, 400 for a key that is none.
    std::optional<net::ServerReply> begin(const std::string& key, Digest request, Instant now);
    /// A reply of 500 and up is not kept: the same may be tried again. Nothing happens where the request was
    /// forgotten meanwhile, also if another one has its key now.
    void ended(const std::string& key, Digest request, const net::ServerReply& reply);
    void abandoned(const std::string& key, Digest request);

  private:
    void forget_oldest();

    struct Entry {
        std::string key;
        Digest request;
        Instant at{};
        std::optional<net::ServerReply> reply;  // nothing: under way
    };
    std::list<Entry> entries_;  // oldest first
    std::map<std::string, std::list<Entry>::iterator> by_key_;
};

}  // namespace halcyon::admin
