#include "devstack/mongo/tree.hpp"

namespace halcyon::devstack::mongo {
namespace {

void write(const Tree& tree, std::string_view name, Builder& out) {
    if (!tree.opened) {
        out.add(name, tree.value.view());
        return;
    }
    const bool array = tree.value.type == Type::array;
    array ? out.begin_array(name) : out.begin_document(name);
    std::size_t i = 0;
    for (const Tree& child : tree.children)
        write(child, array ? Builder::index(i++) : std::string_view(child.name), out);
    out.end();
}

}  // namespace

void Tree::open() {
    if (opened) return;
    opened = true;
    for (const Element& element : value.view().as_document())
        children.emplace_back(element.name, element.value);
}

Tree* Tree::find(std::string_view child) {
    open();
    if (value.type == Type::array) {
        std::size_t i = 0;
        for (Tree& item : children) {
            if (Builder::index(i++) == child) return &item;
        }
        return nullptr;
    }
    for (Tree& item : children) {
        if (item.name == child) return &item;
    }
    return nullptr;
}

void Tree::set(const Value& content) {
    value = OwnedValue(content);
    opened = false;
    children.clear();
}

OwnedValue Tree::current() const {
    if (!opened) return value;
    Builder out;
    std::size_t i = 0;
    const bool array = value.type == Type::array;
    for (const Tree& child : children)
        write(child, array ? Builder::index(i++) : std::string_view(child.name), out);
    return array ? OwnedValue::array(out.finish()) : OwnedValue::document(out.finish());
}

}  // namespace halcyon::devstack::mongo
