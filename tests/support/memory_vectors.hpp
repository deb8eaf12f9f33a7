// The vector cache as a map: the model that the real one is compared with, and what simulations have.
#pragma once

#include <map>

#include "async/clock.hpp"
#include "base/random.hpp"
#include "core/ports/vector_cache.hpp"

namespace halcyon::testing {

/// Takes its time, and forgets what the seed says. Thread rule: the loop.
class MemoryVectors final : public VectorCache {
  public:
    MemoryVectors(async::Clock& clock, Random& random, Duration longest = {})
        : clock_(clock), random_(random), longest_(longest) {}

    Task<std::vector<std::optional<EncodedVector>>> get(std::vector<Digest> keys,
                                                        std::uint32_t dimension) override {
        co_await delay();
        std::vector<std::optional<EncodedVector>> out(keys.size());
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const auto at = kept.find(keys[i]);
            if (at == kept.end() || at->second.dimension != dimension) continue;
            if (forgets > 0 && random_.unit() < forgets)
                kept.erase(at);
            else
                out[i] = at->second;
        }
        co_return out;
    }
    Task<> put(std::vector<std::pair<Digest, EncodedVector>> vectors) override {
        co_await delay();
        for (auto& [key, vector] : vectors) kept[key] = std::move(vector);
    }
    std::uint64_t bytes() const override {
        std::uint64_t n = 0;
        for (const auto& [key, vector] : kept) n += vector.json.size();
        return n;
    }

    std::map<Digest, EncodedVector> kept;
    double forgets = 0;

  private:
    Task<> delay() {
        if (longest_ > Duration{})
            co_await clock_.sleep(Duration(random_.below(static_cast<std::uint64_t>(longest_.count()))));
    }
    async::Clock& clock_;
    Random& random_;
    Duration longest_;
};

}  // namespace halcyon::testing
