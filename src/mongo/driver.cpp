#include "mongo/driver.hpp"

#include <mongoc/mongoc.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace halcyon::mongo {
namespace {

void log_line(mongoc_log_level_t level, const char* domain, const char* message, void*) {
    // What matters comes back as an error of a call; these lines are for looking closer.
    if (level <= MONGOC_LOG_LEVEL_WARNING)
        log::warn("mongo", "driver ({}): {}", domain, message);
    else
        log::debug("mongo", "driver ({}): {}", domain, message);
}

}  // namespace

Driver::Driver() {
    ::mongoc_init();
    ::mongoc_log_set_handler(&log_line, nullptr);
}

Driver::~Driver() {
    for (auto& a : adopted_) a.thread.join();
    ::mongoc_log_set_handler(nullptr, nullptr);
    ::mongoc_cleanup();
}

void Driver::adopt(std::thread thread, std::shared_ptr<const std::atomic<bool>> ended) {
    std::vector<std::thread> over;
    {
        const std::lock_guard lock(mutex_);
        for (auto& a : adopted_)
            if (a.ended->load()) over.push_back(std::move(a.thread));
        std::erase_if(adopted_, [](const Adopted& a) { return !a.thread.joinable(); });
        adopted_.push_back({std::move(thread), std::move(ended)});
    }
    for (auto& t : over) t.join();
}

}  // namespace halcyon::mongo
