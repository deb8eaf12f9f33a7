// The compiled form of a filter; private to filter.cpp and filter_compile.cpp.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/bson.hpp"
#include "core/document.hpp"
#include "render/path.hpp"

namespace halcyon::render {

struct FilterNode {
    enum class Kind { all, any, none, test };
    enum class Test { equal, in, greater, greater_or_equal, less, less_or_equal, exists };
    Kind kind = Kind::all;
    std::vector<FilterNode> children;  // all, any, none
    Path path;                         // test
    Test test = Test::equal;
    std::vector<bson::Value> operands;  // views into the filter's own document
};

/// Errors: reject/invalid.
Result<FilterNode> compile_filter(const Document& filter);

}  // namespace halcyon::render
