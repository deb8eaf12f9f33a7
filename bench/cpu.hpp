// What a bench's own program has spent.
#pragma once

#include <sys/resource.h>

namespace halcyon::bench {

/// User and system time of this process, in seconds.
inline double own_cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace halcyon::bench
