// Long texts in pieces.
#pragma once

#include <string_view>
#include <vector>

#include "render/route.hpp"

namespace halcyon::render {

/// Changes when the same text and options give other chunks; part of the fingerprint.
inline constexpr std::uint64_t chunker_version = 1;

/// In order; each is a view of `text` from the start of a word to the end of one, so no character is cut.
/// Every word is in at least one chunk. A "word" longer than 48 characters (Chinese or Japanese text, encoded
/// data) counts as many: pieces of three bytes or one character, whichever is longer. By sentences: whole
/// sentences, as many as fit into `size` words; one that is longer is cut by words. Empty for a blank text.
/// REQUIRES: `text` is UTF-8; overlap < size.
std::vector<std::string_view> chunk_text(std::string_view text, const ChunkOptions& options);

}  // namespace halcyon::render
