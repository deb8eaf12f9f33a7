// Projections: include or exclude, as find and $project take them; $project, $addFields and $set compute
// fields too.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "devstack/mongo/bson.hpp"

namespace halcyon::devstack::mongo {

class Projection {
  public:
    enum class Kind {
        find,        // include or exclude
        project,     // the same, and computed fields
        add_fields,  // computed fields beside all others
        unset,       // a list of names to leave out
    };
    // Throws CommandError for what it doesn't know.
    Projection(Kind kind, View spec);
    ~Projection();
    Projection(Projection&&) noexcept;
    Projection& operator=(Projection&&) noexcept;

    std::string apply(View document) const;

    struct Node;

  private:
    std::unique_ptr<Node> root_;
};

}  // namespace halcyon::devstack::mongo
