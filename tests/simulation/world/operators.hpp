// Operators: they pause collections and start jobs, and remember what they were told.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simulation/world/world.hpp"

namespace halcyon::simulation {

/// What was answered must be so, also after the program has died; what was not may be or not.
class Operators {
  public:
    explicit Operators(World& world) : world_(world) {}

    /// Something at random. REQUIRES: a program runs.
    void act();
    /// Compares what the running program shows with what was told.
    void check();
    /// Nothing is paused any more.
    void resume_all();
    /// Until every job has ended, whatever it takes.
    void see_jobs_end();
    /// A backfill of every route, to its end. False: it did not get there.
    bool backfill(BackfillMode mode, bool dry_run = false);

    std::vector<std::string> violations;

  private:
    void pause(bool on);
    void start_job();
    void change_job();
    void change_their_mind();
    void interrupt(const std::string& id);
    std::optional<Job> shown(const std::string& id) const;
    std::optional<CollectionName> some_collection();
    std::uint64_t patience();

    World& world_;
    std::map<CollectionName, std::optional<bool>> paused_;  // nothing: not known
    std::map<std::string, std::optional<JobState>> told_;   // of jobs; nothing: not known
};

}  // namespace halcyon::simulation
