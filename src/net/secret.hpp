// A secret that can be recognised and not be read.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace halcyon::net {

/// SHA-256 of a token. Comparing takes the same time wherever the difference is.
class SecretHash {
  public:
    explicit SecretHash(std::string_view secret);
    bool matches(const SecretHash& other) const;

  private:
    std::array<std::uint8_t, 32> bytes_{};
};

}  // namespace halcyon::net
