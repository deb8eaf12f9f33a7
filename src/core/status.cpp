#include "core/status.hpp"

#include <algorithm>
#include <array>

namespace halcyon {
namespace {

constexpr std::array<std::string_view, status_count> status_names{"synced", "pending", "stale", "failed"};

constexpr std::array<std::string_view, error_code_count> code_names{
    "",
    "EMBEDDING_TIMEOUT",
    "EMBEDDING_RATE_LIMIT",
    "EMBEDDING_REJECTED",
    "EMBEDDING_UNAVAILABLE",
    "QDRANT_UNAVAILABLE",
    "QDRANT_TIMEOUT",
    "QDRANT_REJECTED",
    "DIMENSION_MISMATCH",
    "VALIDATION_ERROR",
    "DOCUMENT_TOO_LARGE",
    "SOURCE_GONE",
    "UNKNOWN",
};

template <class E, std::size_t N>
std::optional<E> find_name(const std::array<std::string_view, N>& names, std::string_view text) {
    const auto at = std::find(names.begin(), names.end(), text);
    if (at == names.end()) return std::nullopt;
    return static_cast<E>(at - names.begin());
}

template <class T>
const T* pointer(const std::optional<T>& o) {
    return o ? &*o : nullptr;
}

}  // namespace

std::string_view to_string(SyncStatus s) { return status_names.at(static_cast<std::size_t>(s)); }
std::optional<SyncStatus> parse_status(std::string_view text) {
    return find_name<SyncStatus>(status_names, text);
}

std::string_view to_string(ErrorCode c) { return code_names.at(static_cast<std::size_t>(c)); }
std::optional<ErrorCode> parse_error_code(std::string_view text) {
    return find_name<ErrorCode>(code_names, text);
}

std::optional<SyncStatus> status_of(const Receipt* receipt, const Owed* owed, const DeadLetter* letter) {
    const bool holds = receipt != nullptr && !receipt->deleted;
    if (letter != nullptr || (owed != nullptr && owed->attempts > 0)) return SyncStatus::failed;
    if (owed != nullptr) return holds ? SyncStatus::stale : SyncStatus::pending;
    if (!holds) return std::nullopt;
    // What is half written will be written whole.
    return receipt->text == Digest{} ? SyncStatus::stale : SyncStatus::synced;
}

WallTime changed_of(const Receipt* receipt, const Owed* owed, const DeadLetter* letter) {
    WallTime latest{};
    if (receipt != nullptr) latest = std::max(latest, receipt->at);
    if (owed != nullptr) latest = std::max({latest, owed->since, owed->last_attempt});
    if (letter != nullptr) latest = std::max(latest, letter->last);
    return latest;
}

std::optional<SyncStatus> Stored::status() const {
    return status_of(pointer(receipt), pointer(owed), pointer(letter));
}

WallTime Stored::changed() const { return changed_of(pointer(receipt), pointer(owed), pointer(letter)); }

ErrorCode embedding_code(Cause cause) {
    switch (cause) {
        case Cause::timeout:
        case Cause::in_doubt:
            return ErrorCode::embedding_timeout;
        case Cause::rate_limited:
            return ErrorCode::embedding_rate_limit;
        case Cause::rejected:
        case Cause::invalid:
            return ErrorCode::embedding_rejected;
        case Cause::too_large:
            return ErrorCode::document_too_large;
        case Cause::dimension_mismatch:
            return ErrorCode::dimension_mismatch;
        case Cause::unavailable:
        case Cause::unauthorized:
        case Cause::not_found:
        case Cause::unsupported:
        case Cause::internal:  // its reply is not one: the service is broken, not the text
            return ErrorCode::embedding_unavailable;
        default:
            return ErrorCode::unknown;
    }
}

ErrorCode qdrant_code(Cause cause) {
    switch (cause) {
        case Cause::timeout:
        case Cause::in_doubt:
            return ErrorCode::qdrant_timeout;
        case Cause::rejected:
        case Cause::invalid:
            return ErrorCode::qdrant_rejected;
        case Cause::too_large:
            return ErrorCode::document_too_large;
        case Cause::dimension_mismatch:
            return ErrorCode::dimension_mismatch;
        case Cause::unavailable:
        case Cause::rate_limited:
        case Cause::unauthorized:
        case Cause::not_found:
        case Cause::disk_full:
        case Cause::conflict:
        case Cause::unsupported:
            return ErrorCode::qdrant_unavailable;
        default:
            return ErrorCode::unknown;
    }
}

ErrorCode source_code(Cause cause) {
    switch (cause) {
        case Cause::too_large:
            return ErrorCode::document_too_large;
        case Cause::invalid:
        case Cause::rejected:
        case Cause::corrupted:
            return ErrorCode::validation_error;
        case Cause::unavailable:
        case Cause::timeout:
        case Cause::not_found:
        case Cause::unauthorized:
        case Cause::history_lost:
            return ErrorCode::source_gone;
        default:
            return ErrorCode::unknown;
    }
}

ErrorCode document_code(Cause cause) {
    switch (cause) {
        case Cause::invalid:
        case Cause::rejected:
            return ErrorCode::validation_error;
        case Cause::too_large:
            return ErrorCode::document_too_large;
        default:
            return ErrorCode::unknown;
    }
}

}  // namespace halcyon
