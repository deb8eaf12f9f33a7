// What the collections should hold, worked out from the source and the settings alone.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "pipeline/options.hpp"
#include "simulation/world/source.hpp"
#include "simulation/world/target.hpp"
#include "support/memory_store.hpp"

namespace halcyon::simulation {

class Wanted {
  public:
    Wanted(const pipeline::PipelineOptions& settings, const Source& source, const Target& target,
           const Model& model)
        : settings_(settings), source_(source), target_(target), model_(model) {
        settings_changed();
    }
    void settings_changed();

    /// Chunks that the collection should hold of this state of the document.
    std::size_t chunks(const CollectionName& collection, const Namespace& ns, const Document& document) const;
    /// Every difference between what is held and what should be; what is owed or dead without need.
    std::vector<std::string> differences(const testing::Tables& stored) const;

  private:
    using Points = std::map<PointId, Target::Point>;
    /// What is wanted; documents that a service refuses go to `refused` instead.
    std::map<CollectionName, Points> all(std::set<ReceiptKey>& refused) const;

    const pipeline::PipelineOptions& settings_;
    const Source& source_;
    const Target& target_;
    const Model& model_;
    std::map<std::pair<CollectionName, Namespace>, render::Route> routes_;
};

}  // namespace halcyon::simulation
