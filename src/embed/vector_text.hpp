// Vectors as JSON text. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/vector.hpp"

namespace halcyon::embed {

/// From the text of a JSON array of numbers; white space is squeezed out, the digits stay as they are.
/// Errors: {reject, rejected} if an element is null, no JSON number, or does not fit into a 32-bit float:
/// services print a vector that has overflowed like that, and it is the text that makes it; {retry, internal}
/// if it is no array.
Result<EncodedVector> read_vector(std::string_view array);
/// From an array of such arrays. Errors: as read_vector.
Result<std::vector<EncodedVector>> read_vectors(std::string_view arrays);

}  // namespace halcyon::embed
