// A server's certificate and key, as files that are replaced while it runs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/tls.hpp"

namespace halcyon::net {

/// Thread rule: the loop.
class TlsIdentity {
  public:
    /// See HttpServer::listen_tls.
    static Result<TlsIdentity> open(std::string certificate, std::string key);

    /// The pair that is in the files, or the last good one. Looks at them at most once a second. `now`: of
    /// the monotonic clock.
    const TlsContext& context(Instant now);

  private:
    /// Whether a file is still the one that was read.
    struct Stamp {
        std::uint64_t device = 0, inode = 0;
        std::int64_t size = -1, seconds = 0, nanoseconds = 0;  // size -1: it can't be looked at
        bool operator==(const Stamp&) const = default;
    };
    using Stamps = std::array<Stamp, 2>;
    static Stamp stamp_of(const std::string& file);
    Stamps stamps() const { return {stamp_of(certificate_), stamp_of(key_)}; }
    TlsIdentity(std::string certificate, std::string key)
        : certificate_(std::move(certificate)), key_(std::move(key)) {}

    std::string certificate_;
    std::string key_;
    std::optional<TlsContext> context_{};
    Stamps tried_{};  // what was read last, whether it was good or not
    Instant looked_ = Instant::min();
};

}  // namespace halcyon::net
