// What a collection is confirmed to hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/time.hpp"
#include "core/key.hpp"
#include "core/version.hpp"

namespace halcyon {

/// Which document in which collection; the key of receipts, owed work and dead letters.
struct ReceiptKey {
    CollectionName collection;
    DocumentKey document;
    auto operator<=>(const ReceiptKey&) const = default;
};

/// What operators see of a failure, stable across releases; docs/errors.md has cause and cure of each. The
/// numbers are stored: new ones are appended.
enum class ErrorCode : std::uint8_t {
    none,
    embedding_timeout,
    embedding_rate_limit,
    embedding_rejected,
    embedding_unavailable,
    qdrant_unavailable,
    qdrant_timeout,
    qdrant_rejected,
    dimension_mismatch,
    validation_error,
    document_too_large,
    source_gone,
    unknown,
};
inline constexpr std::size_t error_code_count = 13;

/// "EMBEDDING_TIMEOUT"; of `none` an empty text.
std::string_view to_string(ErrorCode c);
std::optional<ErrorCode> parse_error_code(std::string_view text);

/// A confirmed state (law 3). A tombstone (`deleted`) says "holds nothing, as of `version`".
struct Receipt {
    Version version;
    Digest text;     // of the embedded text with the fingerprint
    Digest payload;  // of the payload
    std::uint32_t chunks = 0;
    bool deleted = false;
    WallTime at{};
    /// How often the document was embedded for this collection, as far as this state knows; operators call it
    /// the vector's version.
    std::uint32_t embeddings = 0;
    bool operator==(const Receipt&) const = default;
};

/// A durable note that a document must be brought up to date; never a payload. Without attempts it waits for
/// a service; with attempts it failed itself, and is retried with backoff.
struct Owed {
    Version version;     // cleared by a confirmed version at least as new
    std::string reason;  // bounded, for people: why it is owed, or the last error
    std::uint32_t attempts = 0;
    WallTime next_attempt{};
    WallTime since{};
    ErrorCode code = ErrorCode::none;  // of the last attempt
    WallTime last_attempt{};           // zero: none yet
    bool force = false;                // an operator wants it written again even if nothing differs
    bool operator==(const Owed&) const = default;
};

/// A document that cannot be brought up to date without a person.
struct DeadLetter {
    Version version;
    ErrorCode code = ErrorCode::unknown;
    std::string reason;   // bounded, for people
    std::string payload;  // canonical extended JSON, bounded; may be cut, then it says so
    std::uint32_t attempts = 0;
    WallTime first{};
    WallTime last{};
    bool operator==(const DeadLetter&) const = default;
};

}  // namespace halcyon

template <>
struct std::hash<halcyon::ReceiptKey> {
    std::size_t operator()(const halcyon::ReceiptKey& k) const {
        return std::hash<halcyon::DocumentKey>{}(k.document) ^
               (std::hash<std::string>{}(k.collection.value()) << 1);
    }
};
