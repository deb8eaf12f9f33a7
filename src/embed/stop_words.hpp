#pragma once

#include <span>
#include <string_view>

namespace halcyon::embed {

/// Words that say little, folded: English, German, French, Spanish. Part of what "lexical/1" means.
std::span<const std::string_view> stop_words();

}  // namespace halcyon::embed
