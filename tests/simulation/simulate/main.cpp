// Runs histories, outside of the test suite: `simulate --seeds 1000 --from 1`, `simulate --seed 42 --trace`.
// tools/simulate drives it.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "simulation/world/history.hpp"

int main(int argc, char** argv) {
    CLI::App app("seeded histories of the pipeline with faults");
    std::uint64_t from = 1;
    std::uint64_t seeds = 100;
    std::uint64_t seed = 0;
    bool trace = false;
    bool keep_going = false;
    app.add_option("--from", from, "first seed")->capture_default_str();
    app.add_option("--seeds", seeds, "how many")->capture_default_str();
    app.add_option("--seed", seed, "only this one");
    app.add_flag("--trace", trace, "print what happens, with virtual time");
    app.add_flag("--keep-going", keep_going, "run the others after a failure");
    CLI11_PARSE(app, argc, argv);
    if (seed != 0) from = seed, seeds = 1;
    if (trace) halcyon::simulation::trace([](const std::string& line) { std::puts(line.c_str()); });
    std::uint64_t failed = 0;
    for (auto s = from; s < from + seeds; ++s) {
        const auto wrong = halcyon::simulation::history(s);
        if (wrong.empty()) continue;
        ++failed;
        std::printf("seed %llu failed\n", static_cast<unsigned long long>(s));
        for (const auto& w : wrong) std::printf("  %s\n", w.c_str());
        std::fflush(stdout);
        if (!keep_going) break;
    }
    return failed == 0 ? 0 : 1;
}
