// A stable sort without libstdc++ 12's, which warns under clang's C++20.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace halcyon::devstack::mongo {

template <class T, class Less>
void sort_stably(std::vector<T>& items, Less less) {
    std::vector<std::size_t> order(items.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        if (less(items[a], items[b])) return true;
        return !less(items[b], items[a]) && a < b;
    });
    std::vector<T> sorted;
    sorted.reserve(items.size());
    for (const std::size_t i : order) sorted.push_back(std::move(items[i]));
    items = std::move(sorted);
}

}  // namespace halcyon::devstack::mongo
