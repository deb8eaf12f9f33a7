// BSON as bytes: a reader that looks, a builder that appends. Nothing here owns what it reads.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon::devstack::mongo {

static_assert(std::endian::native == std::endian::little, "BSON is read in place");

enum class Type : std::uint8_t {
    end = 0x00,
    real = 0x01,
    string = 0x02,
    document = 0x03,
    array = 0x04,
    binary = 0x05,
    undefined = 0x06,
    object_id = 0x07,
    boolean = 0x08,
    date = 0x09,
    null = 0x0A,
    regex = 0x0B,
    db_pointer = 0x0C,
    code = 0x0D,
    symbol = 0x0E,
    code_with_scope = 0x0F,
    int32 = 0x10,
    timestamp = 0x11,
    int64 = 0x12,
    decimal = 0x13,
    max_key = 0x7F,
    min_key = 0xFF,
};

template <class T>
T load(const char* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

class View;

// One value: its type and its bytes, without the name. Valid as long as the bytes it was read from.
struct Value {
    Type type = Type::end;
    std::string_view bytes;

    explicit operator bool() const { return type != Type::end; }
    bool is_number() const {
        return type == Type::real || type == Type::int32 || type == Type::int64 || type == Type::decimal;
    }
    bool is_object() const { return type == Type::document; }
    bool is_array() const { return type == Type::array; }
    bool is_string() const { return type == Type::string; }
    std::string_view as_string() const;  // of string, symbol, code
    View as_document() const;            // of document and array
    double as_double() const;            // of any number; 0 otherwise
    std::int64_t as_int() const;         // of any number, truncated; 0 otherwise
    bool truthy() const;                 // as MongoDB takes a value for a flag
    bool same(const Value& other) const { return type == other.type && bytes == other.bytes; }
};

struct Element {
    std::string_view name;
    Value value;
};

// A document's bytes. An empty view is the empty document.
class View {
  public:
    View() = default;
    explicit View(std::string_view bytes) : bytes_(bytes) {}
    explicit View(const std::string& bytes) : bytes_(bytes) {}

    class Iterator {
      public:
        Iterator() = default;
        explicit Iterator(const char* at) : at_(at) { read(); }
        const Element& operator*() const { return element_; }
        const Element* operator->() const { return &element_; }
        Iterator& operator++() {
            at_ = element_.value.bytes.data() + element_.value.bytes.size();
            read();
            return *this;
        }
        bool operator==(const Iterator& other) const { return at_ == other.at_; }
        // The whole element: type, name and value.
        std::string_view raw() const {
            return {at_, static_cast<std::size_t>(element_.value.bytes.data() + element_.value.bytes.size() -
                                                  at_)};
        }

      private:
        void read();
        const char* at_ = nullptr;
        Element element_;
    };

    Iterator begin() const { return empty() ? Iterator() : Iterator(bytes_.data() + 4); }
    Iterator end() const { return Iterator(); }
    bool empty() const { return bytes_.size() <= 5; }
    std::string_view bytes() const { return bytes_; }
    Value operator[](std::string_view name) const;
    // A dotted path through documents; array elements by number.
    Value at_path(std::string_view path) const;

  private:
    std::string_view bytes_;
};

// Checks lengths and ends all the way down, so that the reader may trust them; at most 200 levels.
bool valid(std::string_view bytes);

// Appends one document to a string of its own, or inside another's.
class Builder {
  public:
    Builder() { open(); }

    Builder& add(std::string_view name, const Value& value);
    Builder& add(std::string_view name, std::string_view text);
    Builder& add(std::string_view name, const char* text) { return add(name, std::string_view(text)); }
    Builder& add(std::string_view name, const std::string& text) { return add(name, std::string_view(text)); }
    Builder& add(std::string_view name, bool value);
    Builder& add(std::string_view name, std::int32_t value);
    Builder& add(std::string_view name, std::int64_t value);
    Builder& add(std::string_view name, double value);
    Builder& add(std::string_view name, View document);
    Builder& array(std::string_view name, View items);
    Builder& null(std::string_view name);
    Builder& timestamp(std::string_view name, std::uint64_t value);
    Builder& date(std::string_view name, std::int64_t milliseconds);
    Builder& object_id(std::string_view name, std::string_view bytes);
    Builder& binary(std::string_view name, std::string_view bytes, std::uint8_t subtype);
    Builder& raw(std::string_view element);  // an element as Iterator::raw gives it
    Builder& merge(View document);           // all elements of a document

    // Documents and arrays in place: every begin has its end.
    Builder& begin_document(std::string_view name);
    Builder& begin_array(std::string_view name);
    Builder& end();

    std::size_t size() const { return buffer_.size() + 1; }
    std::string finish();
    // The name of an array's i-th item.
    static std::string_view index(std::size_t i);

  private:
    void open();
    char* header(Type type, std::string_view name, std::size_t size);
    std::string buffer_;
    std::vector<std::size_t> starts_;
};

// Appends to an array: items get their numbers.
class ArrayBuilder {
  public:
    template <class T>
    ArrayBuilder& add(const T& value) {
        builder_.add(Builder::index(count_++), value);
        return *this;
    }
    std::size_t count() const { return count_; }
    std::size_t size() const { return builder_.size(); }
    std::string finish() { return builder_.finish(); }

  private:
    Builder builder_;
    std::size_t count_ = 0;
};

// A value that owns its bytes.
struct OwnedValue {
    Type type = Type::end;
    std::string bytes;

    OwnedValue() = default;
    explicit OwnedValue(const Value& value) : type(value.type), bytes(value.bytes) {}
    Value view() const { return {type, bytes}; }
    static OwnedValue of(double value);
    static OwnedValue of(std::int32_t value);
    static OwnedValue of(std::int64_t value);
    static OwnedValue of(bool value);
    static OwnedValue of(std::string_view text);
    static OwnedValue document(std::string bytes);
    static OwnedValue array(std::string bytes);
    static OwnedValue null();
    static OwnedValue date(std::int64_t milliseconds);
};

using Doc = std::shared_ptr<const std::string>;

// As the shell and the server's messages write it: { a: 1, b: "x" }
std::string to_text(View document);
std::string to_text(const Value& value);
std::string_view type_name(Type type);
// A decimal's 16 bytes as text.
std::string decimal_text(std::string_view bytes);

}  // namespace halcyon::devstack::mongo
