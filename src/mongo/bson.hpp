// BSON to build and to look into, for this room's .cpp files. Thread rule: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/version.hpp"

// As libbson declares it, whose header stays in .cpp files.
struct _bson_t;
using bson_t __attribute__((aligned(128))) = _bson_t;

namespace halcyon::mongo {

/// A document that is being built, or was received.
class Bson {
  public:
    Bson();
    /// A copy of well-formed bytes; empty where they are not.
    explicit Bson(std::string_view bytes);
    ~Bson();
    Bson(const Bson&) = delete;
    Bson& operator=(const Bson&) = delete;

    bson_t* get();
    const bson_t* get() const;
    /// An unset value for functions that initialise their output in every case.
    bson_t* out();
    std::string bytes() const;

  private:
    // A bson_t by value: the driver initialises replies in place, which would leak one from the heap.
    alignas(128) std::byte value_[128];
};

/// The elements of an array, in order of `add`.
class BsonArray {
  public:
    void text(std::string_view value);
    void document(const Bson& value);
    /// The first element of `document`, whatever its type.
    void first_of(std::string_view document);
    const bson_t* get() const { return array_.get(); }

  private:
    std::string next() { return std::to_string(count_++); }
    Bson array_;
    unsigned count_ = 0;
};

std::string_view bytes_of(const bson_t* b);
void append(Bson& b, const char* name, std::string_view text);
void append(Bson& b, const char* name, const Bson& document);
void append(Bson& b, const char* name, const BsonArray& array);
void append(Bson& b, const char* name, std::int32_t number);
void append(Bson& b, const char* name, ClusterTime time);

/// A field of `bson`, if it is there and of that type. The views live as long as the bytes do.
std::optional<std::string_view> find_document(std::string_view bson, const char* name);
std::optional<std::string_view> find_text(std::string_view bson, const char* name);
std::optional<ClusterTime> find_time(std::string_view bson, const char* name);
std::optional<std::int64_t> find_date(std::string_view bson, const char* name);
/// Any numeric type.
std::optional<std::int64_t> find_number(std::string_view bson, const char* name);
/// Binary bytes, or the 12 bytes of an ObjectId, as lower-case hexadecimal.
std::optional<std::string> find_hex(std::string_view bson, const char* name);

/// Every document in an array field.
void for_each_document(std::string_view bson, const char* array,
                       const std::function<void(std::string_view)>& each);

}  // namespace halcyon::mongo
