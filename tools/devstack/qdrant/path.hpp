// Paths into payloads: `a.b`, `a[].b`, `a[0]`, `"a.b".c`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devstack/qdrant/json.hpp"

namespace halcyon::devstack::qdrant {

struct PathStep {
    enum class Kind { field, every, index };
    Kind kind = Kind::field;
    std::string field;
    std::size_t index = 0;
    bool operator==(const PathStep&) const = default;
};

class Path {
  public:
    // Throws Refused where it is no path.
    static Path parse(std::string_view text);

    const std::string& text() const { return text_; }
    // The values at the path; none where it leads nowhere. They live as long as `payload`.
    std::vector<const Json*> values(const Json& payload) const;
    // Merges the object into the one at the path; missing objects on the way are made.
    void merge(Json& payload, const Json& object) const;
    void erase(Json& payload) const;

    const std::vector<PathStep>& steps() const { return steps_; }

  private:
    std::string text_;
    std::vector<PathStep> steps_;
};

// What of a payload a reply shows.
struct PayloadSelector {
    enum class Kind { none, all, include, exclude };
    Kind kind = Kind::none;
    std::vector<Path> paths;

    // `value` may be null: `absent` then.
    static PayloadSelector parse(const Json* value, Kind absent);
    bool shows() const { return kind != Kind::none; }
    Json apply(const Json& payload) const;
};

// Sets each field of `from` in `to`.
void merge_fields(Json& to, const Json& from);

}  // namespace halcyon::devstack::qdrant
