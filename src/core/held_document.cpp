#include <algorithm>
#include <vector>

#include "core/ports/sink.hpp"

namespace halcyon {

std::optional<Receipt> HeldDocument::receipt() const {
    if (chunks.empty()) return std::nullopt;
    const auto& first = chunks.front().provenance;
    if (first.chunks != chunks.size()) return std::nullopt;
    std::vector<bool> seen(chunks.size());
    auto at = first.at;
    for (const auto& [id, p] : chunks) {
        if (p.chunk >= seen.size() || seen[p.chunk]) return std::nullopt;
        seen[p.chunk] = true;
        if (p.chunks != first.chunks || p.text != first.text || p.payload != first.payload ||
            p.fingerprint != first.fingerprint || p.version != first.version || p.key != first.key ||
            p.source != first.source)
            return std::nullopt;
        at = std::max(at, p.at);
    }
    return Receipt{.version = first.version,
                   .text = first.text,
                   .payload = first.payload,
                   .chunks = first.chunks,
                   .deleted = false,
                   .at = at};
}

}  // namespace halcyon
