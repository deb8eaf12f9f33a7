#include "app/open_files.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "base/log.hpp"

namespace halcyon::app {

void raise_open_files() {
    constexpr rlim_t enough = 65'536;
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    const auto wanted = std::min(files.rlim_max, enough);
    if (files.rlim_cur >= wanted) return;
    const auto before = files.rlim_cur;
    files.rlim_cur = wanted;
    if (::setrlimit(RLIMIT_NOFILE, &files) == 0)
        log::debug("run", "may open {} files, not {} only", wanted, before);
}

}  // namespace halcyon::app
