// libmongoc, for as long as it is used.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace halcyon::mongo {

/// Starts the driver's library and stops it; its log lines go to ours. One in a program, made in main before
/// any other object of this room and destroyed after them. The destructor waits for threads that were still
/// inside a call when their cursor was closed (bounded by the socket time-out).
class Driver {
  public:
    Driver();
    ~Driver();
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;

    /// Takes a thread that was asked to end and did not within its time. `ended` becomes true as its last
    /// act. Thread rule: any.
    void adopt(std::thread thread, std::shared_ptr<const std::atomic<bool>> ended);

  private:
    struct Adopted {
        std::thread thread;
        std::shared_ptr<const std::atomic<bool>> ended;
    };
    std::mutex mutex_;
    std::vector<Adopted> adopted_;
};

}  // namespace halcyon::mongo
