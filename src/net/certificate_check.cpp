#include "net/certificate_check.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

namespace halcyon::net {
namespace {

template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

auto unfit(std::string_view kind, const std::string& file, std::string_view why) {
    return fail(Verdict::fatal, Cause::invalid, fmt::format("{} {}: {}", kind, file, why));
}

Owned<std::FILE> opened(const std::string& file) {
    return {std::fopen(file.c_str(), "re"), [](std::FILE* f) { std::fclose(f); }};
}

std::string day_and_time(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable time";
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

/// OpenSSL would ask on the terminal.
int no_passphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return 0;
}

}  // namespace

Result<> check_certificate(const std::string& file, WallTime now) {
    constexpr std::string_view kind = "certificate";
    const auto in = opened(file);
    if (!in) return unfit(kind, file, std::strerror(errno));
    const Owned<X509> certificate(PEM_read_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
    ERR_clear_error();
    if (!certificate) return unfit(kind, file, "holds no certificate in PEM form");
    auto at = static_cast<std::time_t>(now.ms / 1000);
    const auto* first = X509_get0_notBefore(certificate.get());
    const auto* last = X509_get0_notAfter(certificate.get());
    if (X509_cmp_time(first, &at) > 0)
        return unfit(kind, file, fmt::format("is not valid before {}", day_and_time(first)));
    if (X509_cmp_time(last, &at) < 0)
        return unfit(kind, file, fmt::format("has expired at {}", day_and_time(last)));
    return success();
}

Result<> check_private_key(const std::string& file) {
    constexpr std::string_view kind = "private key";
    const auto in = opened(file);
    if (!in) return unfit(kind, file, std::strerror(errno));
    bool asked = false;
    const Owned<EVP_PKEY> key(PEM_read_PrivateKey(in.get(), nullptr, no_passphrase, &asked), EVP_PKEY_free);
    ERR_clear_error();
    if (asked) return unfit(kind, file, "needs a passphrase; one without is needed here");
    if (!key) return unfit(kind, file, "holds no private key in PEM form");
    return success();
}

}  // namespace halcyon::net
