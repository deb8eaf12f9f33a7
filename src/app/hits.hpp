// Search results for people and programs. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "qdrant/search.hpp"

namespace halcyon::app {

/// A line a hit, best first: score, document, payload fields; cut to `width` characters. Without a newline at
/// the end.
std::string hits_text(const std::vector<qdrant::Hit>& hits, std::size_t width);
/// {"hits":[{"score":..,"point":..,"namespace":..,"id":..,"chunk":..,"payload":{..}}]}
std::string hits_json(const std::vector<qdrant::Hit>& hits);

}  // namespace halcyon::app
