#include "app/open_files.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/log.hpp"

namespace halcyon::app {

std::uint64_t open_files_wanted(std::uint64_t soft, std::uint64_t hard) {
    return std::max(soft, std::min(hard, most_open_files));
}

void raise_open_files() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    const auto before = files.rlim_cur;
    files.rlim_cur = open_files_wanted(before, files.rlim_max);
    if (files.rlim_cur == before) {
        log::debug("run", "open files: at most {}", before);
    } else if (::setrlimit(RLIMIT_NOFILE, &files) == 0) {
        log::debug("run", "open files: at most {}, raised from {}", files.rlim_cur, before);
    } else {
        log::debug("run", "open files: at most {}, not raised to {}: {}", before, files.rlim_cur,
                   std::generic_category().message(errno));
    }
}

}  // namespace halcyon::app
