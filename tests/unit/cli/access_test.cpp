#include "cli/access.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace halcyon;
using namespace halcyon::cli;

namespace {

class TokenFile {
  public:
    explicit TokenFile(const std::string& text) {
        std::string name = (std::filesystem::temp_directory_path() / "token-XXXXXX").string();
        const int file = ::mkstemp(name.data());
        REQUIRE(file >= 0);
        ::close(file);
        path_ = name;
        std::ofstream(path_) << text;
    }
    ~TokenFile() { std::filesystem::remove(path_); }
    TokenFile(const TokenFile&) = delete;
    TokenFile& operator=(const TokenFile&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

Choice chosen(const AccessFlags& flags, const settings::Environment& environment = {}) {
    const auto choice = choose_access(flags, environment);
    INFO((choice.has_error() ? choice.error().context : ""));
    REQUIRE(choice.has_value());
    return choice.value();
}

std::string refused(const AccessFlags& flags, const settings::Environment& environment = {}) {
    const auto choice = choose_access(flags, environment);
    REQUIRE(choice.has_error());
    return choice.error().context;
}

}  // namespace

TEST_CASE("without flags the settings say where the socket is") {
    CHECK(!chosen({}).access);
    CHECK(!chosen({.config = "halcyon.yaml"}).access);
}

TEST_CASE("a socket that is named needs no settings") {
    const auto access = *chosen({.socket = "/run/a b/control.sock"}).access;
    CHECK(access.url == "unix:/run/a%20b/control.sock");
    CHECK(access.local());
    CHECK(unix_url("x/../y.sock") == unix_url(std::filesystem::current_path().string() + "/y.sock"));
}

TEST_CASE("an address goes with a token, from a flag, a file or the environment") {
    const TokenFile file("from-file\n");
    const settings::Environment named{{"HALCYON_TOKEN_FILE", file.path()}};
    const settings::Environment given{{"HALCYON_TOKEN", "from-environment"}};
    const std::string address = "https://search.example:8686/halcyon";
    CHECK(chosen({.address = address}).access->token.empty());
    CHECK(chosen({.address = address, .token = "typed"}, given).access->token == "typed");
    CHECK(chosen({.address = address, .token_file = file.path()}, given).access->token == "from-file");
    CHECK(chosen({.address = address}, named).access->token == "from-file");
    const auto access = *chosen({.address = address, .ca_file = "ca.pem"}, given).access;
    CHECK(access.token == "from-environment");
    CHECK(access.url == address);
    CHECK(access.ca_file == "ca.pem");
    CHECK(!access.local());
}

TEST_CASE("what was typed goes before the environment's address") {
    const settings::Environment environment{{"HALCYON_ADDRESS", "http://127.0.0.1:1"}};
    CHECK(chosen({}, environment).access->url == "http://127.0.0.1:1");
    CHECK(chosen({.address = "http://127.0.0.1:2"}, environment).access->url == "http://127.0.0.1:2");
    CHECK(chosen({.socket = "/s"}, environment).access->url == "unix:/s");
    CHECK(!chosen({.config = "halcyon.yaml"}, environment).access);
}

TEST_CASE("a token that others may see is warned of") {
    const TokenFile file("t");
    const auto warnings = [](const AccessFlags& flags) { return chosen(flags).warnings; };
    CHECK(warnings({.address = "https://a.example", .token_file = file.path()}).empty());
    CHECK(warnings({.address = "http://127.0.0.1:1", .token_file = file.path()}).empty());
    CHECK(warnings({.address = "http://[::1]:1", .token_file = file.path()}).empty());
    CHECK(warnings({.address = "http://a.example"}).empty());
    const auto plain = warnings({.address = "http://a.example", .token_file = file.path()});
    REQUIRE(plain.size() == 1);
    CHECK(plain[0] == "the token goes to a.example unencrypted; https is safer");
    CHECK(warnings({.address = "http://127.a.example", .token_file = file.path()}).size() == 1);
    const auto typed = warnings({.address = "https://a.example", .token = "t"});
    REQUIRE(typed.size() == 1);
    CHECK(typed[0].find("`ps`") != std::string::npos);
}

TEST_CASE("flags that contradict each other are refused") {
    CHECK(refused({.address = "http://a", .socket = "/s"}) ==
          "--address and --socket: one of them is enough");
    CHECK(refused({.address = "http://a", .config = "c"}).find("--config") != std::string::npos);
    CHECK(refused({.address = "http://a", .token = "t", .token_file = "f"}).find("--token-file") !=
          std::string::npos);
    CHECK(refused({.address = "http://a"}, {{"HALCYON_TOKEN", "t"}, {"HALCYON_TOKEN_FILE", "f"}})
              .find("HALCYON_TOKEN_FILE") != std::string::npos);
    CHECK(refused({.token = "t"}).find("--address") != std::string::npos);
    CHECK(refused({.token_file = "t", .socket = "/s"}).find("--address") != std::string::npos);
    CHECK(refused({.ca_file = "t"}).find("--address") != std::string::npos);
    CHECK(refused({.address = "http://a", .ca_file = "ca.pem"}).find("https") != std::string::npos);
}

TEST_CASE("an address that is none is refused without being repeated") {
    for (const auto* address :
         {"a.example:8686", "ftp://secret-word", "http://", "https://u:secret-word@a"}) {
        const auto said = refused({.address = address});
        CHECK(said.starts_with("--address: "));
        CHECK(said.find("secret-word") == std::string::npos);
    }
    CHECK(refused({.address = "unix:/s"}).find("--socket") != std::string::npos);
    CHECK(refused({}, {{"HALCYON_ADDRESS", "nonsense"}}).starts_with("HALCYON_ADDRESS: "));
}

TEST_CASE("a token that is none is refused without being repeated") {
    const auto from = [](const std::string& text) {
        const TokenFile file(text);
        return refused({.address = "http://127.0.0.1", .token_file = file.path()});
    };
    CHECK(from("").find("there is no token in it") != std::string::npos);
    CHECK(from("\n").find("there is no token in it") != std::string::npos);
    CHECK(from("secret-word\nX-Evil: 1\n").find("secret-word") == std::string::npos);
    CHECK(from(std::string(5000, 'x')).find("too long") != std::string::npos);
    CHECK(refused({.address = "http://127.0.0.1", .token_file = "/not/there"}).find("No such file") !=
          std::string::npos);
    CHECK(refused({.address = "http://127.0.0.1"}, {{"HALCYON_TOKEN", "secret word"}}).find("secret") ==
          std::string::npos);
}

TEST_CASE("arguments are taken back to front, and the token is blanked out where ps looks") {
    std::string program = "halcyon", command = "status", flag = "--token", token = "secret",
                both = "--token=word", other = "--token-file=kept";
    char* argv[] = {program.data(), command.data(), flag.data(), token.data(),
                    both.data(),    other.data(),   nullptr};
    CHECK(take_arguments(6, argv) ==
          std::vector<std::string>{"--token-file=kept", "--token=word", "secret", "--token", "status"});
    CHECK(token == "******");
    CHECK(both == "--token=****");
    CHECK(other == "--token-file=kept");
    CHECK(take_arguments(0, argv).empty());
}
