// BSON to payload JSON in one pass; private to payload.cpp.
#pragma once

#include <string>
#include <string_view>

#include "core/bson.hpp"

namespace halcyon::render {

/// Appends to one buffer. Every method gives false when the document cannot be written; `why` says it then.
class PayloadWriter {
  public:
    explicit PayloadWriter(std::string& out) : out_(out) {}

    bool value(const bson::Value& value, unsigned depth = 1);
    /// A GeoJSON point as {"lon":..,"lat":..}; null for what is none or lies beyond the earth.
    bool geo(const bson::Value& value);
    /// The fields of `document` but `_id`, the reserved one and `left_out`, without braces.
    bool fields_of(std::string_view document, std::string_view left_out, std::string_view ignored);
    /// The comma, the name and the colon.
    void name(std::string_view name);
    bool malformed();
    const std::string& why() const { return why_; }

  private:
    bool container(const bson::Value& value, unsigned depth);
    void decimal(const bson::Value& value);
    void binary(const bson::Value& value);
    void regex(std::string_view bytes);
    void pointer(std::string_view bytes);
    bool fits();

    std::string& out_;
    std::string why_;
};

}  // namespace halcyon::render
