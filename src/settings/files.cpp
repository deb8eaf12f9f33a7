#include "settings/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/bytes.hpp"

namespace halcyon::settings {
namespace {

struct File {
    int fd;
    ~File() {
        if (fd >= 0) ::close(fd);
    }
};

Error failed(const std::string& path) {
    const int code = errno;
    const auto cause = code == ENOENT || code == ENOTDIR ? Cause::not_found
                       : code == EACCES || code == EPERM ? Cause::unauthorized
                                                         : Cause::invalid;
    return {Verdict::fatal, cause, fmt::format("{} can't be read: {}", path, std::strerror(code)), {}};
}

}  // namespace

Result<std::string> find_file(const std::optional<std::string>& given, const Environment& environment,
                              const std::vector<std::string>& places) {
    if (given) return *given;
    if (const auto set = environment.find("HALCYON_CONFIG"); set != environment.end() && !set->second.empty())
        return set->second;
    for (const auto& place : places) {
        std::error_code ignored;  // a folder that can't be looked into holds no settings for us
        if (std::filesystem::exists(place, ignored)) return place;
    }
    return fail(Verdict::fatal, Cause::not_found,
                fmt::format("there is no settings file: neither -c FILE nor HALCYON_CONFIG is given, and {} "
                            "{} there; `halcyon init` writes one",
                            fmt::join(places, " and "), places.size() == 1 ? "is not" : "are not"));
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file.fd < 0) return fail(failed(path));
    struct stat status{};
    if (::fstat(file.fd, &status) != 0) return fail(failed(path));
    if (S_ISDIR(status.st_mode))
        return fail(Verdict::fatal, Cause::invalid, path + " is a folder, not a file");
    std::string out;
    std::array<char, 16 * KiB> buffer{};
    while (true) {
        const auto n = ::read(file.fd, buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(failed(path));
        if (n == 0) return out;
        out.append(buffer.data(), static_cast<std::size_t>(n));
        if (out.size() > limit)
            return fail(Verdict::fatal, Cause::too_large,
                        fmt::format("{} is larger than {}", path, format_bytes(limit)));
    }
}

}  // namespace halcyon::settings
