// A reader over BSON bytes (https://bsonspec.org, version 1.1) that allocates nothing and trusts nothing.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace halcyon::bson {

/// Deeper documents are refused; MongoDB stores up to 180 levels.
inline constexpr unsigned max_depth = 200;

enum class Type : std::uint8_t {
    real = 0x01,
    string = 0x02,
    object = 0x03,
    array = 0x04,
    binary = 0x05,
    undefined = 0x06,
    object_id = 0x07,
    boolean = 0x08,
    date = 0x09,
    null = 0x0a,
    regex = 0x0b,
    db_pointer = 0x0c,
    code = 0x0d,
    symbol = 0x0e,
    code_with_scope = 0x0f,
    int32 = 0x10,
    timestamp = 0x11,
    int64 = 0x12,
    decimal128 = 0x13,
    max_key = 0x7f,
    min_key = 0xff,
};

static_assert(std::endian::native == std::endian::little, "BSON is little-endian, and so is this reader");
template <class T>
T load(const char* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

/// A field's type and the bytes of its value, whose outer length was checked by the reader that gave it.
/// Views into the document. REQUIRES of each accessor: the type fits.
struct Value {
    Type type = Type::null;
    std::string_view bytes;

    bool is_container() const { return type == Type::object || type == Type::array; }
    bool is_number() const {
        return type == Type::int32 || type == Type::int64 || type == Type::real || type == Type::decimal128;
    }
    double real() const { return load<double>(bytes.data()); }
    std::int32_t int32() const { return load<std::int32_t>(bytes.data()); }
    /// Also the milliseconds since 1970 of a date.
    std::int64_t int64() const { return load<std::int64_t>(bytes.data()); }
    bool boolean() const { return bytes.front() != 0; }
    /// string, symbol, code; may hold any bytes.
    std::string_view text() const { return bytes.substr(4, bytes.size() - 5); }
    std::uint8_t subtype() const { return static_cast<std::uint8_t>(bytes[4]); }
    /// Without the second length of the old subtype 2.
    std::string_view binary() const { return bytes.substr(subtype() == 2 ? 9 : 5); }
};

struct Field {
    std::string_view key;
    Value value;
};

/// Fields of one document or array, in stored order. Nested documents are read by a Reader of their own
/// (`Reader(value.bytes)`), so malformed bytes inside them are found only by who goes there.
class Reader {
  public:
    explicit Reader(std::string_view document);
    /// False at the end and at malformed bytes.
    bool next(Field& field);
    /// Asked after `next` gave false: the document is malformed.
    bool failed() const { return failed_; }

  private:
    bool fail() {
        failed_ = true;
        return false;
    }
    const char* at_ = nullptr;
    const char* end_ = nullptr;  // the terminator
    bool failed_ = false;
};

/// Everything inside is well-formed and at most max_depth deep. UTF-8 is not looked at.
bool well_formed(std::string_view document);

/// REQUIRES: a decimal128. "1.50", "NaN", "Infinity", "1E+3".
std::string decimal_text(Value value);
/// 24 lower-case hexadecimal digits. REQUIRES: 12 bytes.
std::string object_id_text(std::string_view bytes);

/// Appends a field; the value's bytes are taken as they are.
void append(std::string& out, Type type, std::string_view key, std::string_view value);
/// Appends a field whose value is a string.
void append_text(std::string& out, Type type, std::string_view key, std::string_view text);
/// Opens a document at the end of `out`; `close` takes the result.
std::size_t open(std::string& out);
void close(std::string& out, std::size_t opened);

}  // namespace halcyon::bson
