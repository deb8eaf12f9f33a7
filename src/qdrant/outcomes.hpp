// The fate of each operation of one `apply`, as its requests are answered. Pure.
#pragma once

#include <optional>
#include <vector>

#include "core/ports/sink.hpp"
#include "qdrant/pack.hpp"

namespace halcyon::qdrant {

class Outcomes {
  public:
    explicit Outcomes(std::size_t operations)
        : list_(operations, SinkOutcome(success())), touched_(operations) {}

    /// Nothing has gone wrong with it so far.
    bool good(std::size_t operation) const { return list_[operation].has_value(); }
    /// Some of it is confirmed.
    void touched(std::size_t operation) { touched_[operation] = true; }
    /// One of its requests failed. An error that says "nothing took effect" is a doubt for an operation of
    /// which a part was confirmed before.
    void failed(std::size_t operation, const Error& error);
    /// A failure that the next request would meet too (all but reject and resync): nothing more is sent.
    void stop(const Error& error);
    bool stopped() const { return stopped_.has_value(); }
    /// What `stop` keeps from being sent.
    void unsent(std::size_t operation);
    /// Those parts whose operation is good.
    std::vector<Part> still_good(const std::vector<Part>& request) const;

    std::vector<SinkOutcome> take() { return std::move(list_); }

  private:
    std::vector<SinkOutcome> list_;
    std::vector<bool> touched_;
    std::optional<Error> stopped_;
};

}  // namespace halcyon::qdrant
