// Puts together what the server had to split. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/version.hpp"

namespace halcyon::mongo {

/// The fragments of one event (`$changeStreamSplitLargeEvent`), in the order of their stream: each has its
/// own resume token and `splitEvent: {fragment, of}`, and every other field of the event is in one of them,
/// whole. The stream may be taken up again between two of them, and the event may be split in another way
/// then. Holds one event at most, and `most` bytes.
class Fragments {
  public:
    static constexpr std::size_t most = std::size_t{64} << 20U;

    enum class Said {
        whole,     // no fragment
        more,      // others follow
        complete,  // `event` is there
        broken,    // these do not fit together: read the event again, from the position before it
    };
    /// REQUIRES: `event` is well-formed BSON.
    Said take(std::string_view event);
    /// The event without `splitEvent`, with the last fragment's token. REQUIRES: the last `take` said
    /// complete; good until the next one.
    std::string_view event() const { return event_; }
    /// Some have come, and others are missing.
    bool open() const { return taken_ > 0; }
    void drop();

  private:
    Said broken();
    bool follows(std::int64_t fragment, std::int64_t of, std::optional<ClusterTime> time) const;
    /// False where a field comes twice, or all of them are too much.
    bool add_fields(std::string_view fragment);

    std::int64_t taken_ = 0;
    std::int64_t of_ = 0;
    std::optional<ClusterTime> time_;  // of their tokens
    std::vector<std::string> names_;   // of the fields that have come
    std::size_t begin_ = 0;            // of the event, as `bson::open` has it
    std::string event_;
};

}  // namespace halcyon::mongo
