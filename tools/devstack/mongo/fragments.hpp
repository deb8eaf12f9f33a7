// What $changeStreamSplitLargeEvent makes of an event that is too large.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "devstack/mongo/token.hpp"

namespace halcyon::devstack::mongo {

// Each with its token. Top-level fields in the order of their size, then of their names, as many in a
// fragment as there is room for beside its token and the reply's. Throws CommandError where a field does not
// fit.
std::deque<std::pair<std::string, Token>> fragments_of(View event, const Token& token, std::size_t most);

}  // namespace halcyon::devstack::mongo
