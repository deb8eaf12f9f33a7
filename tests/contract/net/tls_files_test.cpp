#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "async/clock.hpp"
#include "base/log.hpp"
#include "contract/net/serving.hpp"
#include "net/tls_identity.hpp"
#include "support/certificate.hpp"

using namespace halcyon;
using namespace halcyon::test;
using namespace std::chrono_literals;

namespace {

constexpr auto late = std::chrono::milliseconds(10'000);

void write(const std::string& file, std::string_view text) { std::ofstream(file) << text; }

/// As a tool that renews certificates does it: a new file takes the place of the old one.
void replace(const std::string& file, const std::string& by) {
    std::filesystem::copy_file(by, file + ".new");
    std::filesystem::rename(file + ".new", file);
}

/// Lines of the log, as long as it lives.
class Lines {
  public:
    Lines() {
        log::start({.listener = [this](log::Level level, std::string_view, std::string_view message) {
            (level == log::Level::error ? errors : infos).emplace_back(message);
        }});
    }
    ~Lines() { log::stop(); }
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;
    std::vector<std::string> errors{};
    std::vector<std::string> infos{};
};

}  // namespace

TEST_CASE("a certificate and key that are not fit for use are refused with the reason") {
    Loop loop;
    TemporaryFolder folder;
    const auto good = make_certificate(folder, "good", "DNS:localhost");
    const auto other = make_certificate(folder, "other", "DNS:localhost");
    const auto old = make_certificate(folder, "old", "DNS:localhost", {.from = -7200, .to = -3600});
    const auto early = make_certificate(folder, "early", "DNS:localhost", {.from = 3600, .to = 7200});
    const auto text = folder.file("text");
    write(text, "hello");
    const auto locked = folder.file("locked");
    write(locked,
          "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
          "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAh1zN3t/q7vWQICCAAw\n"
          "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEA2zpuiy3/FE8S2H0uAETC4EQB4o\n"
          "O3KX0crDWED581w53ZhgY5LAiIvszpfxYr0nD3HKBnvRcQS609i4rjEMcR45H1rL\n"
          "ZSgGJD3ez2QSHDIEmdw=\n"
          "-----END ENCRYPTED PRIVATE KEY-----\n");
    struct Case {
        std::string certificate, key, file, reason;
    };
    const std::vector<Case> cases{
        {folder.file("none"), good.key_file, "certificate " + folder.file("none"), "No such file"},
        {good.certificate_file, folder.file("none"), "private key " + folder.file("none"), "No such file"},
        {text, good.key_file, "certificate " + text, "no certificate in PEM form"},
        {good.key_file, good.key_file, "certificate " + good.key_file, "no certificate in PEM form"},
        {good.certificate_file, text, "private key " + text, "no private key in PEM form"},
        {good.certificate_file, locked, "private key " + locked, "needs a passphrase"},
        {good.certificate_file, other.key_file, "private key " + other.key_file, "does not belong to"},
        {old.certificate_file, old.key_file, "certificate " + old.certificate_file, "has expired at 20"},
        {early.certificate_file, early.key_file, "certificate " + early.certificate_file,
         "is not valid before 20"},
    };
    for (const auto& c : cases) {
        net::HttpServer server(loop.executor(), {}, echo);
        const auto refused = server.listen_tls("127.0.0.1:0", c.certificate, c.key);
        REQUIRE(refused.has_error());
        CHECK(refused.error().verdict == Verdict::fatal);
        CHECK(refused.error().cause == Cause::invalid);
        CHECK_THAT(refused.error().context, Catch::StartsWith(c.file) && Catch::Contains(c.reason));
    }
}

TEST_CASE("files that change are read again, and bad ones are reported once and not used") {
    Lines lines;
    TemporaryFolder folder;
    const auto used = make_certificate(folder, "used", "DNS:localhost");
    const auto next = make_certificate(folder, "next", "DNS:localhost");
    auto opened = net::TlsIdentity::open(used.certificate_file, used.key_file);
    REQUIRE(opened.has_value());
    auto& identity = opened.value();
    auto now = Instant{} + 1h;
    identity.context(now);
    replace(used.certificate_file, next.certificate_file);
    identity.context(now + 999ms);
    CHECK(lines.errors.empty());
    for (int i = 1; i <= 3; ++i) identity.context(now + i * 1s);
    REQUIRE(lines.errors.size() == 1);  // the key is the old one
    CHECK_THAT(lines.errors[0], Catch::Contains("does not belong to"));
    replace(used.key_file, next.key_file);
    for (int i = 4; i <= 6; ++i) identity.context(now + i * 1s);
    CHECK(lines.errors.size() == 1);
    CHECK(lines.infos.size() == 1);
    std::filesystem::remove(used.key_file);
    for (int i = 7; i <= 9; ++i) identity.context(now + i * 1s);
    REQUIRE(lines.errors.size() == 2);
    CHECK_THAT(lines.errors[1], Catch::Contains("No such file"));
}

TEST_CASE("a renewed certificate is shown to new connections while old ones go on") {
    Loop loop;
    TemporaryFolder folder;
    const auto used = make_certificate(folder, "used", "DNS:localhost");
    const auto next = make_certificate(folder, "next", "DNS:localhost");
    const auto before = folder.file("before.crt");
    std::filesystem::copy_file(used.certificate_file, before);
    Serving serving(loop, echo);
    const auto port = serving.server().listen_tls("127.0.0.1:0", used.certificate_file, used.key_file);
    REQUIRE(port.has_value());
    serving.start();
    const auto url = fmt::format("https://localhost:{}", port.value());
    auto old_client = client_for(loop, url, {.ca_file = before});
    REQUIRE(loop.wait(old_client.send({}, in(late))).has_value());
    replace(used.certificate_file, next.certificate_file);
    replace(used.key_file, next.key_file);
    auto new_client = client_for(loop, url, {.ca_file = next.certificate_file});
    const auto end = std::chrono::steady_clock::now() + late;
    while (!loop.wait(new_client.send({}, in(late))).has_value()) {
        REQUIRE(std::chrono::steady_clock::now() < end);
        loop.wait(async::SystemClock{}.sleep(50ms));
    }
    CHECK(loop.wait(old_client.send({}, in(late))).has_value());
    CHECK(old_client.open_connections() == 1);
}
