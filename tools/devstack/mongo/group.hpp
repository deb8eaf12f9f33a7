// $group.
#pragma once

#include <vector>

#include "devstack/mongo/bson.hpp"

namespace halcyon::devstack::mongo {

// Groups come out in the order in which they were first met. Throws CommandError for what it doesn't know.
std::vector<Doc> group_documents(const std::vector<Doc>& documents, View specification);

}  // namespace halcyon::devstack::mongo
