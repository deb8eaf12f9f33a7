// The pages of a collection, each read while the one before it is used.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/run_state.hpp"

namespace halcyon::pipeline {

/// Thread rule: the loop; one caller.
class PageReader {
  public:
    /// Begins to read.
    PageReader(RunState& run, CollectionName name);
    ~PageReader();

    /// Nothing: that were all. Errors: as Sink::scroll; then it is of no more use.
    Task<Result<std::optional<std::vector<HeldChunk>>>> next();

  private:
    struct Page;
    static Task<> read(RunState* run, CollectionName name, std::optional<std::string> from,
                       std::shared_ptr<Page> into);
    void begin(std::optional<std::string> from);

    RunState& run_;
    const CollectionName name_;
    std::shared_ptr<Page> coming_;
};

}  // namespace halcyon::pipeline
