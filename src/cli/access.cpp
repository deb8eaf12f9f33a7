#include "cli/access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "net/client/origin.hpp"
#include "net/loopback.hpp"
#include "net/server/message.hpp"

namespace halcyon::cli {
namespace {

constexpr std::size_t longest_token = 4096;

auto wrong(std::string why) { return fail(Verdict::fatal, Cause::invalid, std::move(why)); }

std::string value(const settings::Environment& environment, std::string_view name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string{} : found->second;
}

/// The token as it goes into a header. `where` says who gave it.
Result<std::string> checked(std::string token, std::string_view where) {
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' '))
        token.pop_back();
    if (token.empty()) return wrong(fmt::format("{}: there is no token in it", where));
    if (token.size() > longest_token) return wrong(fmt::format("{}: too long for a token", where));
    if (!std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; }))
        return wrong(fmt::format("{}: a token is one line of visible ASCII characters", where));
    return token;
}

Result<std::string> from_file(const std::string& file, std::string_view where) {
    std::ifstream in(file);
    if (!in) return wrong(fmt::format("{}: {}: {}", where, file, std::strerror(errno)));
    std::string text(longest_token + 2, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return checked(std::move(text), fmt::format("{}: {}", where, file));
}

Result<std::string> token_of(const AccessFlags& flags, const settings::Environment& environment) {
    if (!flags.token.empty() && !flags.token_file.empty())
        return wrong("--token and --token-file: one of them is enough");
    if (!flags.token.empty()) return checked(flags.token, "--token");
    if (!flags.token_file.empty()) return from_file(flags.token_file, "--token-file");
    auto token = value(environment, "HALCYON_TOKEN");
    const auto file = value(environment, "HALCYON_TOKEN_FILE");
    if (!token.empty() && !file.empty())
        return wrong("HALCYON_TOKEN and HALCYON_TOKEN_FILE: one of them is enough");
    if (!token.empty()) return checked(std::move(token), "HALCYON_TOKEN");
    if (!file.empty()) return from_file(file, "HALCYON_TOKEN_FILE");
    return std::string{};
}

}  // namespace

Result<Choice> choose_access(const AccessFlags& flags, const settings::Environment& environment) {
    if (!flags.address.empty() && !flags.socket.empty())
        return wrong("--address and --socket: one of them is enough");
    if (!flags.address.empty() && !flags.config.empty())
        return wrong(
            "--address and --config: with an address no settings file is read, leave one of them out");
    const bool typed_local = !flags.socket.empty() || !flags.config.empty();
    const auto from_environment = typed_local ? std::string{} : value(environment, "HALCYON_ADDRESS");
    const auto& address = flags.address.empty() ? from_environment : flags.address;
    Choice choice;
    if (address.empty()) {
        for (const auto& [name, given] :
             {std::pair("--token", &flags.token), std::pair("--token-file", &flags.token_file),
              std::pair("--ca-file", &flags.ca_file)})
            if (!given->empty())
                return wrong(fmt::format("{} belongs to --address; a Unix socket needs none", name));
        if (!flags.socket.empty()) choice.access = Access{.url = unix_url(flags.socket)};
        return choice;
    }
    const auto* where = flags.address.empty() ? "HALCYON_ADDRESS" : "--address";
    const auto origin = net::parse_origin(address);
    if (!origin) {
        // The text is not shown: somebody may have put a password into it.
        if (address.find('@') != std::string::npos)
            return wrong(fmt::format("{}: credentials do not belong into it; --token-file FILE", where));
        return wrong(fmt::format("{}: {}", where, origin.error().context));
    }
    if (origin.value().kind == net::Origin::Kind::unix_socket)
        return wrong(fmt::format("{}: a Unix socket is given as --socket PATH", where));
    const bool tls = origin.value().kind == net::Origin::Kind::tls;
    if (!tls && !flags.ca_file.empty()) return wrong("--ca-file belongs to an address with https");
    HALCYON_TRY(auto token, token_of(flags, environment));
    if (!flags.token.empty())
        choice.warnings.emplace_back(
            "--token shows in `ps` and in the shell's history; --token-file or HALCYON_TOKEN_FILE does not");
    if (!tls && !token.empty() && !net::is_loopback(origin.value().authority()))
        choice.warnings.push_back(
            fmt::format("the token goes to {} unencrypted; https is safer", origin.value().host));
    choice.access = Access{address, std::move(token), flags.ca_file};
    return choice;
}

std::string unix_url(const std::string& path) {
    std::string out = "unix:";
    for (const char c : std::filesystem::absolute(path).lexically_normal().string())
        out += c == '/' ? "/" : net::percent_encode(std::string_view(&c, 1));
    return out;
}

std::vector<std::string> take_arguments(int argc, char** argv) {
    constexpr std::string_view name = "--token";
    std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    std::reverse(words.begin(), words.end());
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == name && i + 1 < argc)
            std::memset(argv[i + 1], '*', std::strlen(argv[i + 1]));
        else if (word.starts_with("--token="))
            std::memset(argv[i] + name.size() + 1, '*', word.size() - name.size() - 1);
    }
    return words;
}

}  // namespace halcyon::cli
