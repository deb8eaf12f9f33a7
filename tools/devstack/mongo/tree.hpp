// A document that can be changed in place: parsed only where it is touched.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "devstack/mongo/bson.hpp"

namespace halcyon::devstack::mongo {

struct Tree {
    std::string name;
    OwnedValue value;     // of a leaf, and of a container that was not opened
    bool opened = false;  // the children are the truth
    std::deque<Tree> children;

    Tree() = default;
    Tree(std::string_view label, const Value& content) : name(label), value(content) {}

    bool container() const { return value.type == Type::document || value.type == Type::array; }
    // Makes the children; of containers only.
    void open();
    Tree* find(std::string_view child);
    void set(const Value& content);
    // The bytes as they are now.
    OwnedValue current() const;
};

}  // namespace halcyon::devstack::mongo
