#include "render/compare.hpp"

#include <string_view>

#include "core/number.hpp"

namespace halcyon::render {
namespace {

using bson::Type;

std::weak_ordering bytes(std::string_view a, std::string_view b) { return a.compare(b) <=> 0; }

std::weak_ordering binary(const bson::Value& a, const bson::Value& b) {
    if (const auto by = a.binary().size() <=> b.binary().size(); by != 0) return by;
    if (const auto by = a.subtype() <=> b.subtype(); by != 0) return by;
    return bytes(a.binary(), b.binary());
}

std::weak_ordering ordered(const bson::Value& a, const bson::Value& b, unsigned depth, bool& broken);

std::weak_ordering containers(const bson::Value& a, const bson::Value& b, unsigned depth, bool& broken) {
    if (depth >= max_depth) broken = true;
    if (broken) return std::weak_ordering::equivalent;
    bson::Reader left(a.bytes);
    bson::Reader right(b.bytes);
    bson::Field x;
    bson::Field y;
    for (;;) {
        const bool more_left = left.next(x);
        const bool more_right = right.next(y);
        broken = broken || left.failed() || right.failed();
        if (broken || !more_left || !more_right) return more_left <=> more_right;
        if (const auto by = type_rank(x.value.type) <=> type_rank(y.value.type); by != 0) return by;
        if (a.type == Type::object)
            if (const auto by = bytes(x.key, y.key); by != 0) return by;
        if (const auto by = ordered(x.value, y.value, depth + 1, broken); by != 0) return by;
    }
}

std::weak_ordering ordered(const bson::Value& a, const bson::Value& b, unsigned depth, bool& broken) {
    if (const auto by = type_rank(a.type) <=> type_rank(b.type); by != 0) return by;
    switch (a.type) {
        case Type::int32:
        case Type::int64:
        case Type::real:
        case Type::decimal128:
            return bson::compare(bson::Number::of(a), bson::Number::of(b));
        case Type::string:
        case Type::symbol:
        case Type::code:
            return bytes(a.text(), b.text());
        case Type::object:
        case Type::array:
            return containers(a, b, depth, broken);
        case Type::binary:
            return binary(a, b);
        case Type::date:
            return a.int64() <=> b.int64();
        case Type::timestamp:
            return static_cast<std::uint64_t>(a.int64()) <=> static_cast<std::uint64_t>(b.int64());
        default:
            return bytes(a.bytes, b.bytes);
    }
}

}  // namespace

int type_rank(Type type) {
    switch (type) {
        case Type::min_key:
            return -1;
        case Type::undefined:
            return 0;
        case Type::null:
            return 5;
        case Type::int32:
        case Type::int64:
        case Type::real:
        case Type::decimal128:
            return 10;
        case Type::string:
        case Type::symbol:
            return 15;
        case Type::object:
            return 20;
        case Type::array:
            return 25;
        case Type::binary:
            return 30;
        case Type::object_id:
            return 35;
        case Type::boolean:
            return 40;
        case Type::date:
            return 45;
        case Type::timestamp:
            return 47;
        case Type::regex:
            return 50;
        case Type::db_pointer:
            return 55;
        case Type::code:
            return 60;
        case Type::code_with_scope:
            return 65;
        case Type::max_key:
            return 127;
    }
    return 0;
}

std::weak_ordering compare(const bson::Value& a, const bson::Value& b, bool& broken) {
    return ordered(a, b, 0, broken);
}

}  // namespace halcyon::render
