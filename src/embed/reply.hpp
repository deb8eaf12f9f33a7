// Taking vectors out of a reply's JSON text without parsing their numbers. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/vector.hpp"

namespace halcyon::embed {

/// The body is taken by value: the parser needs room behind it. Errors of all: {retry, internal} for a reply
/// that is not of the documented form or has not exactly `count` vectors: it is the service that is broken,
/// not the texts; and those of read_vector.

/// `{"data":[{"index":1,"embedding":[..]},..]}`, in the order of `index`, which must be all of 0..count-1.
Result<std::vector<EncodedVector>> read_indexed_vectors(std::string body, std::size_t count);
/// `{"embeddings":[[..],..]}`
Result<std::vector<EncodedVector>> read_named_vectors(std::string body, std::size_t count);
/// `[[..],..]`
Result<std::vector<EncodedVector>> read_bare_vectors(std::string body, std::size_t count);

/// The message of an error reply (`error.message`, `error` or `message`), else the beginning of the body; one
/// line of at most 200 bytes.
std::string error_message(const std::string& body);

}  // namespace halcyon::embed
