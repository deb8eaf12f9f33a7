// How a document stands in a collection, as operators see it. Computed from what is stored, never stored.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "core/receipt.hpp"

namespace halcyon {

/// In the order of badness: over several collections the worst counts.
enum class SyncStatus : std::uint8_t {
    synced,   // the collection holds what it should
    pending,  // it holds nothing of it yet, and will
    stale,    // it holds an older state, and will be brought up to date
    failed,   // the last attempt failed: another one comes by itself (owed), or a person is needed (dead
              // letter)
};
inline constexpr std::array all_statuses{SyncStatus::synced, SyncStatus::pending, SyncStatus::stale,
                                         SyncStatus::failed};
inline constexpr std::size_t status_count = all_statuses.size();

std::string_view to_string(SyncStatus s);
std::optional<SyncStatus> parse_status(std::string_view text);

/// Nothing: the collection holds nothing of the document, and should not.
std::optional<SyncStatus> status_of(const Receipt* receipt, const Owed* owed, const DeadLetter* letter);
/// When the status became what it is: the last success or the last failure.
WallTime changed_of(const Receipt* receipt, const Owed* owed, const DeadLetter* letter);

/// Everything that is stored about one document in one collection.
struct Stored {
    std::optional<Receipt> receipt;
    std::optional<Owed> owed;
    std::optional<DeadLetter> letter;

    std::optional<SyncStatus> status() const;
    WallTime changed() const;
    bool operator==(const Stored&) const = default;
};

/// What went wrong, by the service that said so. One function for each protocol.
ErrorCode embedding_code(Cause cause);
ErrorCode qdrant_code(Cause cause);
ErrorCode source_code(Cause cause);
ErrorCode document_code(Cause cause);  // found by halcyon itself, before anything was sent

}  // namespace halcyon
