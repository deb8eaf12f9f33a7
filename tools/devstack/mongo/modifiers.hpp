// The modifiers of an update, one at a time, on a document that is open for changes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "devstack/mongo/tree.hpp"

namespace halcyon::devstack::mongo {

struct Modifier {
    std::string op;
    std::string path;
    OwnedValue operand;
};

struct Changes {
    std::map<std::string, OwnedValue> updated;
    std::vector<std::string> removed;
    bool any = false;

    void set(const std::string& path, const Value& value) {
        updated[path] = OwnedValue(value);
        any = true;
    }
};

bool known_modifier(std::string_view name);
// Throws CommandError where the modifier doesn't fit the document.
void apply_modifier(Tree& root, const Modifier& modifier, bool upserting, Changes& changes);
// The place of a path, made with all that leads to it.
Tree* place_at(Tree& root, std::string_view path);
// {updatedFields: {..}, removedFields: [..]}
std::string describe(const Changes& changes);

}  // namespace halcyon::devstack::mongo
