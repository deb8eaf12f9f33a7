// JSON as Qdrant's own parser (serde_json) sees it: integers of 64 bits of both signs, doubles that come back
// as they came, fields in their order, and its error texts with line and column, which the recordings hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace halcyon::devstack::qdrant {

class Json {
  public:
    using Array = std::vector<Json>;
    using Object = std::vector<std::pair<std::string, Json>>;

    Json() = default;
    Json(bool value) : value_(value) {}
    Json(std::int64_t value) : value_(value) {}
    Json(std::uint64_t value) : value_(value) {}
    Json(int value) : value_(std::int64_t{value}) {}
    Json(double value) : value_(value) {}
    Json(std::string value) : value_(std::move(value)) {}
    Json(std::string_view value) : value_(std::string(value)) {}
    Json(const char* value) : value_(std::string(value)) {}
    Json(Array value) : value_(std::move(value)) {}
    Json(Object value) : value_(std::move(value)) {}

    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    const bool* boolean() const { return std::get_if<bool>(&value_); }
    const std::string* text() const { return std::get_if<std::string>(&value_); }
    const Array* array() const { return std::get_if<Array>(&value_); }
    Array* array() { return std::get_if<Array>(&value_); }
    const Object* object() const { return std::get_if<Object>(&value_); }
    Object* object() { return std::get_if<Object>(&value_); }
    bool is_number() const;
    bool is_integer() const;
    std::optional<double> number() const;
    std::optional<std::int64_t> integer() const;            // empty where it is no integer, or too large
    std::optional<std::uint64_t> unsigned_integer() const;  // empty where it is no integer, or negative

    // An object's field; null where there is none, or this is no object.
    const Json* find(std::string_view key) const;
    Json* find(std::string_view key);
    // Sets an object's field in its place, or adds it at the end. A null becomes an object first.
    Json& set(std::string_view key, Json value);
    void erase(std::string_view key);

    void write(std::string& out) const;
    bool operator==(const Json& other) const { return value_ == other.value_; }

  private:
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object>
        value_;
};

void write_text(std::string& out, std::string_view text);
void write_number(std::string& out, double value);
void write_number(std::string& out, float value);

// Reads one text from its beginning to its end, without a tree in between. Throws Refused (400) with the text
// and the position of serde_json.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    // The first character of the next value; a refusal at the end of the text.
    char peek();
    // Calls `each(key)` per field; `each` reads or skips the value.
    template <class F>
    void object(F&& each) {
        open('{');
        while (next_in('}')) {
            const std::string field = key();
            each(std::string_view(field));
        }
        --depth_;
    }
    // Calls `each()` per element; `each` reads or skips it.
    template <class F>
    void array(F&& each) {
        open('[');
        while (next_in(']')) each();
        --depth_;
    }
    Json value();
    // A number as a float; empty where the next value is none (it is skipped then).
    std::optional<float> real();
    void skip();
    // Nothing but whitespace may follow.
    void end();

  private:
    [[noreturn]] void fail(std::string_view what, std::size_t at) const;
    void space();
    void open(char bracket);
    bool next_in(char closing);
    std::string key();
    std::string string();
    void escape(std::string& out);
    unsigned hex4();
    std::string_view number(bool& whole);
    void word(std::string_view expected);

    std::string_view text_;
    std::size_t at_ = 0;
    unsigned depth_ = 0;
    bool first_ = false;
};

Json parse(std::string_view text);
// " at line L column C": lines from 1, columns count bytes up to and with the one at `at`.
std::string position(std::string_view text, std::size_t at);
// The same of the text's last character that is no whitespace.
std::string end_position(std::string_view text);

}  // namespace halcyon::devstack::qdrant
