// Values that several targets need, and other people's judgement of ours.
#pragma once

#include <string>
#include <string_view>

namespace halcyon::fuzz {

/// `text` is one JSON value of valid UTF-8 and nothing else, says simdjson.
bool is_json(std::string_view text);

/// BSON bytes: those of extended JSON where `bytes` begins with a brace and is such, else `bytes` as they
/// are. So seeds can be read, and malformed bytes still come through.
std::string bson_of(std::string_view bytes);

/// libbson walks through the document and everything in it without a complaint.
bool libbson_walks(std::string_view document);

}  // namespace halcyon::fuzz
