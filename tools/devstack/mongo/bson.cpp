#include "devstack/mongo/bson.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace halcyon::devstack::mongo {
namespace {

// The size of a value, or npos where it cannot be. `room` is what is left.
constexpr std::size_t npos = std::string_view::npos;

std::size_t value_size(Type type, const char* at, std::size_t room) {
    const auto prefixed = [&](std::size_t extra) {
        if (room < 4) return npos;
        const auto length = load<std::int32_t>(at);
        return length < 0 ? npos : static_cast<std::size_t>(length) + extra;
    };
    switch (type) {
        case Type::real:
        case Type::date:
        case Type::timestamp:
        case Type::int64:
            return 8;
        case Type::int32:
            return 4;
        case Type::boolean:
            return 1;
        case Type::object_id:
            return 12;
        case Type::decimal:
            return 16;
        case Type::undefined:
        case Type::null:
        case Type::max_key:
        case Type::min_key:
            return 0;
        case Type::string:
        case Type::code:
        case Type::symbol:
            return prefixed(4);
        case Type::document:
        case Type::array:
        case Type::code_with_scope:
            return prefixed(0);
        case Type::binary:
            return prefixed(5);
        case Type::db_pointer:
            return prefixed(16);
        case Type::regex: {
            const void* first = std::memchr(at, 0, room);
            if (first == nullptr) return npos;
            const auto used = static_cast<std::size_t>(static_cast<const char*>(first) - at) + 1;
            const void* second = std::memchr(at + used, 0, room - used);
            return second == nullptr ? npos
                                     : static_cast<std::size_t>(static_cast<const char*>(second) - at) + 1;
        }
        case Type::end:
            break;
    }
    return npos;
}

// As in MongoDB; what reads documents goes down by recursion.
constexpr unsigned deepest = 200;

bool valid_to(std::string_view bytes, unsigned depth);

bool valid_value(Type type, std::string_view bytes, unsigned depth) {
    switch (type) {
        case Type::document:
        case Type::array:
            return valid_to(bytes, depth + 1);
        case Type::string:
        case Type::code:
        case Type::symbol:
            return bytes.size() >= 5 && bytes.back() == 0;
        default:
            return true;
    }
}

bool valid_to(std::string_view bytes, unsigned depth) {
    if (depth > deepest || bytes.size() < 5 ||
        load<std::int32_t>(bytes.data()) != static_cast<std::int64_t>(bytes.size()) || bytes.back() != 0)
        return false;
    std::size_t at = 4;
    while (at < bytes.size() - 1) {
        const Type type = static_cast<Type>(bytes[at]);
        const std::size_t name_end = bytes.find('\0', at + 1);
        if (name_end == npos || name_end + 1 >= bytes.size()) return false;
        const std::size_t start = name_end + 1;
        const std::size_t size = value_size(type, bytes.data() + start, bytes.size() - start);
        if (size == npos || size > bytes.size() - 1 - start) return false;
        if (!valid_value(type, bytes.substr(start, size), depth)) return false;
        at = start + size;
    }
    return at == bytes.size() - 1;
}

}  // namespace

void View::Iterator::read() {
    const Type type = static_cast<Type>(*at_);
    if (type == Type::end) {
        at_ = nullptr;
        return;
    }
    element_.name = std::string_view(at_ + 1);
    const char* value = at_ + 2 + element_.name.size();
    element_.value = {type, {value, value_size(type, value, npos - 1)}};
}

bool valid(std::string_view bytes) { return valid_to(bytes, 1); }

std::string_view Value::as_string() const { return bytes.substr(4, bytes.size() - 5); }
View Value::as_document() const { return View(bytes); }

double Value::as_double() const {
    switch (type) {
        case Type::real:
            return load<double>(bytes.data());
        case Type::int32:
            return load<std::int32_t>(bytes.data());
        case Type::int64:
            return static_cast<double>(load<std::int64_t>(bytes.data()));
        case Type::decimal:
            return std::strtod(decimal_text(bytes).c_str(), nullptr);
        default:
            return 0;
    }
}

std::int64_t Value::as_int() const {
    switch (type) {
        case Type::int32:
            return load<std::int32_t>(bytes.data());
        case Type::int64:
            return load<std::int64_t>(bytes.data());
        case Type::real:
        case Type::decimal: {
            const double value = as_double();
            if (std::isnan(value)) return 0;
            if (value >= 9223372036854775807.0) return INT64_MAX;
            if (value <= -9223372036854775808.0) return INT64_MIN;
            return static_cast<std::int64_t>(value);
        }
        default:
            return 0;
    }
}

bool Value::truthy() const {
    switch (type) {
        case Type::end:
        case Type::null:
        case Type::undefined:
            return false;
        case Type::boolean:
            return bytes[0] != 0;
        default:
            return !is_number() || as_double() != 0;
    }
}

Value View::operator[](std::string_view name) const {
    for (const Element& element : *this) {
        if (element.name == name) return element.value;
    }
    return {};
}

Value View::at_path(std::string_view path) const {
    const std::size_t dot = path.find('.');
    const Value value = (*this)[path.substr(0, dot)];
    if (dot == npos) return value;
    if (!value.is_object() && !value.is_array()) return {};
    return value.as_document().at_path(path.substr(dot + 1));
}

void Builder::open() {
    starts_.push_back(buffer_.size());
    buffer_.append(4, '\0');
}

char* Builder::header(Type type, std::string_view name, std::size_t size) {
    const std::size_t at = buffer_.size();
    buffer_.resize(at + 2 + name.size() + size);
    buffer_[at] = static_cast<char>(type);
    std::memcpy(buffer_.data() + at + 1, name.data(), name.size());
    buffer_[at + 1 + name.size()] = 0;
    return buffer_.data() + at + 2 + name.size();
}

Builder& Builder::add(std::string_view name, const Value& value) {
    char* to = header(value.type, name, value.bytes.size());
    if (!value.bytes.empty()) std::memcpy(to, value.bytes.data(), value.bytes.size());
    return *this;
}
Builder& Builder::add(std::string_view name, std::string_view text) {
    char* to = header(Type::string, name, text.size() + 5);
    const auto length = static_cast<std::int32_t>(text.size() + 1);
    std::memcpy(to, &length, 4);
    std::memcpy(to + 4, text.data(), text.size());
    to[4 + text.size()] = 0;
    return *this;
}
Builder& Builder::add(std::string_view name, bool value) {
    *header(Type::boolean, name, 1) = value ? 1 : 0;
    return *this;
}
Builder& Builder::add(std::string_view name, std::int32_t value) {
    std::memcpy(header(Type::int32, name, 4), &value, 4);
    return *this;
}
Builder& Builder::add(std::string_view name, std::int64_t value) {
    std::memcpy(header(Type::int64, name, 8), &value, 8);
    return *this;
}
Builder& Builder::add(std::string_view name, double value) {
    std::memcpy(header(Type::real, name, 8), &value, 8);
    return *this;
}
Builder& Builder::add(std::string_view name, View document) {
    if (document.bytes().empty()) return begin_document(name).end();
    return add(name, Value{Type::document, document.bytes()});
}
Builder& Builder::array(std::string_view name, View items) {
    if (items.bytes().empty()) return begin_array(name).end();
    return add(name, Value{Type::array, items.bytes()});
}
Builder& Builder::null(std::string_view name) {
    header(Type::null, name, 0);
    return *this;
}
Builder& Builder::timestamp(std::string_view name, std::uint64_t value) {
    std::memcpy(header(Type::timestamp, name, 8), &value, 8);
    return *this;
}
Builder& Builder::date(std::string_view name, std::int64_t milliseconds) {
    std::memcpy(header(Type::date, name, 8), &milliseconds, 8);
    return *this;
}
Builder& Builder::object_id(std::string_view name, std::string_view bytes) {
    std::memcpy(header(Type::object_id, name, 12), bytes.data(), 12);
    return *this;
}
Builder& Builder::binary(std::string_view name, std::string_view bytes, std::uint8_t subtype) {
    char* to = header(Type::binary, name, bytes.size() + 5);
    const auto length = static_cast<std::int32_t>(bytes.size());
    std::memcpy(to, &length, 4);
    to[4] = static_cast<char>(subtype);
    std::memcpy(to + 5, bytes.data(), bytes.size());
    return *this;
}
Builder& Builder::raw(std::string_view element) {
    buffer_.append(element);
    return *this;
}
Builder& Builder::merge(View document) {
    if (!document.empty()) buffer_.append(document.bytes().substr(4, document.bytes().size() - 5));
    return *this;
}
Builder& Builder::begin_document(std::string_view name) {
    header(Type::document, name, 0);
    open();
    return *this;
}
Builder& Builder::begin_array(std::string_view name) {
    header(Type::array, name, 0);
    open();
    return *this;
}
Builder& Builder::end() {
    buffer_ += '\0';
    const auto length = static_cast<std::int32_t>(buffer_.size() - starts_.back());
    std::memcpy(buffer_.data() + starts_.back(), &length, 4);
    starts_.pop_back();
    return *this;
}
std::string Builder::finish() {
    end();
    return std::move(buffer_);
}

std::string_view Builder::index(std::size_t i) {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> out;
        for (std::size_t n = 0; n < 1024; ++n) out.push_back(std::to_string(n));
        return out;
    }();
    if (i < names.size()) return names[i];
    thread_local std::array<char, 24> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), i).ptr;
    return {text.data(), static_cast<std::size_t>(end - text.data())};
}

namespace {
template <class T>
OwnedValue owned(Type type, const T& value) {
    OwnedValue out;
    out.type = type;
    out.bytes.assign(reinterpret_cast<const char*>(&value), sizeof value);
    return out;
}
}  // namespace

OwnedValue OwnedValue::of(double value) { return owned(Type::real, value); }
OwnedValue OwnedValue::of(std::int32_t value) { return owned(Type::int32, value); }
OwnedValue OwnedValue::of(std::int64_t value) { return owned(Type::int64, value); }
OwnedValue OwnedValue::of(bool value) { return owned(Type::boolean, static_cast<char>(value)); }
OwnedValue OwnedValue::date(std::int64_t milliseconds) { return owned(Type::date, milliseconds); }
OwnedValue OwnedValue::of(std::string_view text) {
    OwnedValue out = owned(Type::string, static_cast<std::int32_t>(text.size() + 1));
    out.bytes.append(text);
    out.bytes += '\0';
    return out;
}
OwnedValue OwnedValue::document(std::string bytes) {
    OwnedValue out;
    out.type = Type::document;
    out.bytes = std::move(bytes);
    return out;
}
OwnedValue OwnedValue::array(std::string bytes) {
    OwnedValue out = document(std::move(bytes));
    out.type = Type::array;
    return out;
}
OwnedValue OwnedValue::null() {
    OwnedValue out;
    out.type = Type::null;
    return out;
}

}  // namespace halcyon::devstack::mongo
