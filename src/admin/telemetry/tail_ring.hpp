// The newest of what goes by, and how much of it was missed.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace halcyon::admin {

/// The newest `Kept` rows of each of `Kinds` kinds: a flood of one does not wash away what is rare. Memory is
/// bounded; rows are used again. Thread rule: one thread at a time.
template <class Row, std::size_t Kinds, std::size_t Kept>
class TailRing {
  public:
    /// What a reader has seen: rows of each kind.
    using Cursor = std::array<std::uint64_t, Kinds>;
    struct Taken {
        std::vector<const Row*> rows;  // oldest first; until the next `put`
        std::uint64_t skipped = 0;     // may have been the reader's, and are not among them
    };

    /// The place of a new row; the caller fills all of it.
    Row& put(std::size_t kind) {
        auto& ring = rings_.at(kind);
        const auto at = totals_.at(kind)++ % Kept;
        if (at == ring.size()) ring.emplace_back();
        ring[at].number = ++numbers_;
        return ring[at].row;
    }

    Cursor end() const { return totals_; }

    /// What came since `from` of the kinds wanted that is `wanted(row)`: the newest `most`. Moves `from`.
    template <class Wanted>
    Taken take(Cursor& from, const std::array<bool, Kinds>& kinds, std::size_t most,
               const Wanted& wanted) const {
        Taken out;
        std::vector<const Entry*> found;
        for (std::size_t kind = 0; kind < Kinds; ++kind) {
            const auto total = totals_[kind];
            const auto fresh = total - from[kind];
            const auto kept = std::min<std::uint64_t>(fresh, Kept);
            from[kind] = total;
            if (!kinds[kind]) continue;
            out.skipped += fresh - kept;
            for (auto n = total - kept; n < total; ++n)
                if (const auto& entry = rings_[kind][n % Kept]; wanted(entry.row)) found.push_back(&entry);
        }
        std::sort(found.begin(), found.end(),
                  [](const Entry* a, const Entry* b) { return a->number < b->number; });
        const auto over = found.size() > most ? found.size() - most : 0;
        out.skipped += over;
        for (auto i = over; i < found.size(); ++i) out.rows.push_back(&found[i]->row);
        return out;
    }

  private:
    struct Entry {
        std::uint64_t number = 0;
        Row row;
    };
    std::array<std::vector<Entry>, Kinds> rings_;
    Cursor totals_{};
    std::uint64_t numbers_ = 0;
};

}  // namespace halcyon::admin
