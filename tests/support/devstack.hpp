// The development servers (tools/devstack) as a child process of the test.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace halcyon::test {

/// Starts the program that HALCYON_DEVSTACK names and waits until it listens; stops it at the end.
class Devstack {
  public:
    /// Nothing when HALCYON_DEVSTACK is not set or names no program. Throws when it does not come up.
    static std::unique_ptr<Devstack> start(const std::vector<std::string>& arguments);
    ~Devstack();
    Devstack(const Devstack&) = delete;
    Devstack& operator=(const Devstack&) = delete;
    /// What it printed when it was ready: one line of JSON with its ports.
    const std::string& ready() const { return ready_; }

  private:
    Devstack(pid_t pid, std::string ready) : pid_(pid), ready_(std::move(ready)) {}
    pid_t pid_;
    std::string ready_;
};

}  // namespace halcyon::test
