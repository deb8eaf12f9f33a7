#include <algorithm>

#include "base/digest.hpp"
#include "core/ports/status_writer.hpp"

namespace halcyon {

std::optional<SyncStatus> StatusRow::overall() const {
    std::optional<SyncStatus> worst;
    for (const auto& [name, entry] : collections)
        if (entry) worst = std::max(worst.value_or(SyncStatus::synced), entry->status);
    return worst;
}

std::optional<StatusEntry> status_entry(const Stored& stored) {
    const auto status = stored.status();
    if (!status) return std::nullopt;
    StatusEntry e;
    e.status = *status;
    e.last_attempt = stored.changed();
    if (const auto& r = stored.receipt; r && !r->deleted && r->text != Digest{}) {
        e.last_synced = r->at;
        e.content_hash = DigestBuilder().add(r->text).add(r->payload).finish().hex();
        e.vector_version = r->embeddings;
    }
    const auto failed = [&](const std::string& reason, ErrorCode code, std::uint32_t attempts) {
        e.last_error = reason;
        e.code = code;
        e.retries = attempts;
    };
    if (stored.owed) failed(stored.owed->reason, stored.owed->code, stored.owed->attempts);
    if (stored.letter) failed(stored.letter->reason, stored.letter->code, stored.letter->attempts);
    return e;
}

}  // namespace halcyon
