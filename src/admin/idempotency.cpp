#include "admin/idempotency.hpp"

#include <algorithm>

namespace halcyon::admin {
namespace {

constexpr std::size_t most_entries = 1000;
constexpr std::size_t longest_key = 255;
constexpr auto kept = std::chrono::hours(24);

}  // namespace

std::optional<net::ServerReply> Idempotency::begin(const std::string& key, Digest request, Instant now) {
    if (key.empty() || key.size() > longest_key ||
        !std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; }))
        return net::problem(400, "no idempotency key", "1 to 255 visible ASCII characters",
                            "Idempotency-Key");
    while (!entries_.empty() && now - entries_.front().at > kept) forget_oldest();
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) {
        if (entries_.size() >= most_entries) forget_oldest();
        by_key_[key] = entries_.insert(entries_.end(), {key, request, now, {}});
        return std::nullopt;
    }
    const auto& entry = *known->second;
    if (entry.request != request)
        return net::problem(422, "another request has this key",
                            "an Idempotency-Key belongs to one request: take a new one", "Idempotency-Key");
    if (!entry.reply)
        return net::problem(409, "the first request is under way", "ask again in a moment",
                            "Idempotency-Key");
    auto reply = *entry.reply;
    reply.headers.emplace_back("Idempotency-Replayed", "true");
    return reply;
}

void Idempotency::ended(const std::string& key, Digest request, const net::ServerReply& reply) {
    if (reply.status >= 500) return abandoned(key, request);
    const auto known = by_key_.find(key);
    if (known != by_key_.end() && known->second->request == request) known->second->reply = reply;
}

void Idempotency::abandoned(const std::string& key, Digest request) {
    const auto known = by_key_.find(key);
    if (known == by_key_.end() || known->second->request != request) return;
    entries_.erase(known->second);
    by_key_.erase(known);
}

void Idempotency::forget_oldest() {
    by_key_.erase(entries_.front().key);
    entries_.pop_front();
}

}  // namespace halcyon::admin
