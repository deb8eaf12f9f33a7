// One history: a source, a Qdrant, a model, a disk, and one program after the other that lives in it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/pipeline.hpp"
#include "simulation/pipeline/source.hpp"
#include "simulation/pipeline/target.hpp"
#include "simulation/pipeline/virtual_clock.hpp"
#include "support/memory_store.hpp"

namespace halcyon::simulation {

class World {
  public:
    explicit World(std::uint64_t seed);
    ~World();

    /// Routes: shop.items -> alpha (chunks) and -> beta (filter), shop.notes -> beta.
    static pipeline::PipelineOptions options();

    void start();
    bool running() const { return program_ != nullptr; }
    void stop_orderly();
    void kill();
    void power_loss();

    /// Lets time pass.
    void run_for(Duration d);
    /// Until the program says that it is in sync; false when that takes longer than `limit`.
    bool settle(Duration limit);
    /// Nothing goes wrong any more.
    void calm();
    /// Faults drawn from the seed.
    void storm();
    /// A random change in the source.
    void change();

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
    halcyon::testing::MemoryStore store;
    pipeline::PipelineOptions settings = options();

  private:
    struct Program;
    void turn();
    bool end_program(bool cut);
    Document document(int id);
    std::unique_ptr<Program> program_;
    std::uint64_t seed_;
};

}  // namespace halcyon::simulation
