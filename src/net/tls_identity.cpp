#include "net/tls_identity.hpp"

#include <sys/stat.h>

#include <utility>

#include "base/log.hpp"

namespace halcyon::net {
namespace {

constexpr Duration between_looks = std::chrono::seconds(1);

}  // namespace

TlsIdentity::Stamp TlsIdentity::stamp_of(const std::string& file) {
    struct stat s{};
    if (::stat(file.c_str(), &s) != 0) return {};
    return {s.st_dev, s.st_ino, s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec};
}

Result<TlsIdentity> TlsIdentity::open(std::string certificate, std::string key) {
    TlsIdentity identity(std::move(certificate), std::move(key));
    // Looked at before they are read: a change in between is seen as one later.
    identity.tried_ = identity.stamps();
    HALCYON_TRY(identity.context_, TlsContext::server(identity.certificate_, identity.key_));
    return identity;
}

const TlsContext& TlsIdentity::context(Instant now) {
    if (looked_ != Instant::min() && now - looked_ < between_looks) return *context_;
    looked_ = now;
    const auto found = stamps();
    if (found == tried_) return *context_;
    tried_ = found;
    auto loaded = TlsContext::server(certificate_, key_);
    if (loaded) {
        context_ = std::move(loaded.value());
        log::info("http", "new certificate from {}", certificate_);
    } else {
        log::error(
            "http",
            "the certificate's files have changed and are not good, so the one before stays in use: {}",
            loaded.error().context);
    }
    return *context_;
}

}  // namespace halcyon::net
