// The dashboard's files, inside the program. All of it is constant data: any thread, no allocation, never
// fails.
#pragma once

#include <span>
#include <string_view>

namespace halcyon::admin {

struct Asset {
    std::string_view path;     // "/" is the page, "/assets/NAME" the rest; NAME may have folders
    std::string_view type;     // as Content-Type takes it
    std::string_view etag;     // with its quotes; another content has another one
    std::string_view content;  // the file, byte by byte
};

/// By the request's path without query; nullptr: there is none.
const Asset* find_asset(std::string_view path);

/// All, ordered by path.
std::span<const Asset> assets();

}  // namespace halcyon::admin
