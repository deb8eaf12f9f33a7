// Children that end before their parent does.
#pragma once

#include <memory>
#include <string>

#include "async/task.hpp"

namespace halcyon::async {

/// Spawns coroutines and waits for all of them. The first child that ends with an exception other than
/// cancellation (a bug) cancels its siblings; `join` rethrows it. Thread rule: the loop only. REQUIRES:
/// `join` has returned (or nothing was spawned) before destruction; the loop must not be destroyed before.
class TaskGroup {
  public:
    explicit TaskGroup(Executor executor);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    void spawn(Task<> child);
    /// Asks every child to stop; those that are spawned later do not start.
    void cancel();
    /// Until no child is left. If the caller is cancelled meanwhile, the children are, the wait goes on, and
    /// then operation_aborted is thrown (a child's bug goes first). At most one `join` at a time.
    Task<> join();
    std::size_t running() const;

  private:
    struct State;
    struct Ended;
    std::shared_ptr<State> state_;
};

}  // namespace halcyon::async
