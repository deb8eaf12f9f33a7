// Named types for strings and integers that cross a folder's border.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace halcyon {

/// A value of type T that only mixes with others of the same Tag.
template <class Tag, class T = std::string>
class Strong {
  public:
    using value_type = T;
    Strong() = default;
    explicit Strong(T v) : value_(std::move(v)) {}
    const T& value() const { return value_; }
    auto operator<=>(const Strong&) const = default;

  private:
    T value_{};
};

}  // namespace halcyon

template <class Tag, class T>
struct std::hash<halcyon::Strong<Tag, T>> {
    std::size_t operator()(const halcyon::Strong<Tag, T>& s) const { return std::hash<T>{}(s.value()); }
};
