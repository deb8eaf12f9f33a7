// One history: a source, a Qdrant, a model, a disk, and one program after the other that lives in it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "core/ports/job_control.hpp"
#include "pipeline/pipeline.hpp"
#include "simulation/world/disk.hpp"
#include "simulation/world/laws.hpp"
#include "simulation/world/source.hpp"
#include "simulation/world/target.hpp"
#include "simulation/world/virtual_clock.hpp"
#include "simulation/world/wanted.hpp"

namespace halcyon::simulation {

enum class Store { model, rocksdb };

class World {
  public:
    explicit World(std::uint64_t seed, Store store = Store::model);
    ~World();

    /// Routes: shop.items -> alpha (chunks) and -> beta (filter), shop.notes -> beta.
    static pipeline::PipelineOptions options();

    void start();
    bool running() const { return program_ != nullptr; }
    void stop_orderly();
    void kill();
    void power_loss();
    /// The last end was orderly and left nothing under way.
    /// The stored position names one.
    bool knows_an_event() const { return knows_an_event_; }
    bool clean() const { return clean_; }

    /// Lets time pass.
    void run_for(Duration d);
    /// Lets `steps` handlers run: the next fault meets the program at any of its awaits.
    void run_steps(std::uint64_t steps);
    /// Until the condition holds; false when that takes longer than `limit`.
    bool run_until(const std::function<bool()>& condition, Duration limit);
    /// A server notes something every ten seconds, and its time moves on.
    void pulse();
    /// Until the program says that it is in sync; false when that takes longer than `limit`.
    bool settle(Duration limit);
    /// Nothing goes wrong any more.
    void calm();
    /// How documents stand is written into them.
    bool status_writeback() const { return seed_ % 4 == 2 && !statuses_off; }
    bool statuses_off = false;
    /// Faults drawn from the seed.
    void storm();
    /// One service takes nothing for half an hour, and all else is well.
    void outage();
    /// A random change in the source.
    void change();
    /// Somebody edits the settings, for the next start.
    void edit_settings();
    /// The last route is taken out of the settings, or comes back; for the next start.
    void toggle_route();
    bool misses_a_route() const { return gone_.has_value(); }
    /// The deployment goes back to its last backup, and the running program notices.
    void restore();

    /// An operator asks the running program for something. Nothing: it was not answered; it may have been
    /// done. `patience`: handlers that run until the operator is gone; 0: as many as it takes.
    template <class T>
    std::optional<Result<T>> ask(Task<Result<T>> act, std::uint64_t patience = 0) {
        std::optional<Result<T>> answer;
        async::TaskGroup group(loop.get_executor());
        group.spawn(hear(std::move(act), &answer));
        wait(group, patience);
        return answer;
    }
    FlowControl& flow();
    DocumentControl& documents();
    JobControl& jobs();

    Overview status() const;
    /// Everything that differs between what the collections hold and what they should hold; laws that were
    /// broken.
    std::vector<std::string> differences();
    std::string describe() const;

    boost::asio::io_context loop;
    SeededRandom random;
    VirtualClock clock;
    Source source;
    Target target;
    Model model;
    pipeline::PipelineOptions settings = options();
    std::unique_ptr<Disk> disk;
    bool disk_full = false;  // commits fail by the weather: a program that gives up is right to

  private:
    struct Program;
    template <class T>
    static Task<> hear(Task<Result<T>> act, std::optional<Result<T>>* answer) {
        *answer = co_await std::move(act);
    }
    void wait(async::TaskGroup& group, std::uint64_t patience);
    void turn();
    void supervise();
    void end_program(bool cut);
    void bury_program();
    Document document(int id);

    Wanted wanted_;
    Laws laws_;
    std::unique_ptr<Program> program_;
    std::uint64_t seed_;
    bool knows_an_event_ = false;
    std::optional<render::RouteOptions> gone_;
    bool clean_ = false;
};

}  // namespace halcyon::simulation
