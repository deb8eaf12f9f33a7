// What a collection is confirmed to hold.
#pragma once

#include <cstdint>
#include <string>

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

/// A confirmed state (law 3). A tombstone (`deleted`) says "holds nothing, as of `version`".
struct Receipt {
    Version version;
    Digest text;     // of the embedded text with the fingerprint
    Digest payload;  // of the payload
    std::uint32_t chunks = 0;
    bool deleted = false;
    WallTime at{};
    bool operator==(const Receipt&) const = default;
};

/// A durable note that a document must be brought up to date; never a payload.
struct Owed {
    Version version;  // cleared by a confirmed version at least as new
    std::string reason;
    std::uint32_t attempts = 0;
    WallTime next_attempt{};
    WallTime since{};
    bool operator==(const Owed&) const = default;
};

/// A document that cannot be brought up to date without a person.
struct DeadLetter {
    Version version;
    std::string code;     // Cause as text
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
