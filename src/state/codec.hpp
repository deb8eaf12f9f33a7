// Records as bytes. Every record starts with the schema version that it was written in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/commit.hpp"
#include "core/ports/state_store.hpp"

namespace halcyon::state {

/// What this program writes. To change a record: count this up, change the codec, add a step to
/// `migrations()`.
inline constexpr std::uint8_t schema_version = 2;

std::string encode(const Receipt& r);
std::string encode(const Owed& o);
std::string encode(const DeadLetter& d);
std::string encode(const Frontier& f);
std::string encode(const SnapshotProgress& p);
std::string encode(const NamespaceTombstone& t);
/// Without the collection's name: that is the key.
std::string encode(const CollectionCounts& c);

/// Errors: fatal/corrupted when the bytes are not one whole record of this schema version. For Receipt, Owed,
/// DeadLetter, Frontier, SnapshotProgress, NamespaceTombstone, CollectionCounts.
template <class T>
Result<T> decode(std::string_view bytes);

}  // namespace halcyon::state
