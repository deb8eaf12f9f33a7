// Typed reading of a request's fields, with the refusals of the recorded server (serde's texts).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "devstack/qdrant/json.hpp"
#include "devstack/qdrant/refused.hpp"

namespace halcyon::devstack::qdrant {

// "string \"x\"", "integer `-1`", "map": how serde names a value that it didn't want.
std::string unexpected(const Json& value);
Refused wrong_type(const Json& value, std::string_view expected);

// A field that may be absent or null: a null pointer then.
const Json* given(const Json& object, std::string_view name);
// A field that must be there (it may be null); throws "missing field".
const Json& required(const Json& object, std::string_view name);
// Throws where the value is no object.
void expect_object(const Json& value, std::string_view name);

bool to_boolean(const Json& value);
const std::string& to_text(const Json& value);
std::uint64_t to_unsigned(const Json& value, std::string_view type = "usize");
double to_number(const Json& value);
const Json::Array& to_array(const Json& value);

std::optional<bool> boolean_field(const Json& object, std::string_view name);
std::optional<std::uint64_t> unsigned_field(const Json& object, std::string_view name,
                                            std::string_view type = "usize");
std::optional<double> number_field(const Json& object, std::string_view name);
// One of the names; "unknown variant" otherwise.
void expect_variant(const Json& value, std::initializer_list<std::string_view> names);

// Refusal 422 "value 0 invalid, must be 1 or larger" or "must be from 1 to 65536".
Refused out_of_range(std::string_view path, const std::string& value, const std::string& low,
                     const std::string& high = {});

}  // namespace halcyon::devstack::qdrant
