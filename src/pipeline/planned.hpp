// A work with its plan, on its way through embedding and writing. Private to the lane.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/decide/planner.hpp"
#include "pipeline/embed_stage.hpp"
#include "pipeline/lane.hpp"

namespace halcyon::pipeline {

struct Lane::Planned {
    Work work;
    Action action = Action::skip;
    render::Wanted wanted;
    Digest fingerprint;
    std::optional<render::Route> route;  // of the time of planning
    std::vector<std::string>
        chunks;               // texts that are not embedded yet; each is given away when its window begins
    std::uint32_t total = 0;  // chunks that the document has now
    std::uint32_t held = 0;   // chunks that the collection may hold
    std::uint32_t first = 0;  // of the window under way
    std::uint32_t count = 0;  // chunks in the window
    std::vector<SharedVector> vectors;     // of the window
    std::vector<std::string> texts;        // of the window, where the payload wants them
    std::vector<EmbedStage::JobPtr> jobs;  // of the window
    std::uint32_t outstanding = 0;
    std::size_t bytes = 0;  // charged against planned_bytes
    std::uint64_t serial = 0;
    std::size_t points = 0;  // of the write that is queued
    std::size_t write_bytes = 0;

    bool last_window() const { return first + count >= total; }
};

}  // namespace halcyon::pipeline
