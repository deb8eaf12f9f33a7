// Certificates for tests, made on the spot.
#pragma once

#include <filesystem>
#include <string>

namespace halcyon::test {

/// A folder of its own under the system's temporary one; it goes with the object.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

/// Seconds from now.
struct Validity {
    long from = -60;
    long to = 3600;
};
/// A self-signed certificate (P-256, valid for an hour) for the names as OpenSSL writes them:
/// "DNS:localhost,IP:127.0.0.1".
struct Certificate {
    std::string certificate_file;
    std::string key_file;
};
Certificate make_certificate(const TemporaryFolder& folder, const std::string& name, const std::string& names,
                             Validity validity = {});

}  // namespace halcyon::test
