// What is wrong with the settings, said so that a person can mend it.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace halcyon::settings {

/// Where a value was written. Lines and columns count from 1 (columns in characters); 0: not in the file.
struct Place {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    /// Where it came from if not from the file: "environment variable QDRANT_URL".
    std::string origin{};
    auto operator<=>(const Place&) const = default;
};

struct Mistake {
    std::string file;
    Place place;
    std::string path;  // "collections.products.distance", "routes[0].to"; empty: the file as a whole
    std::string text;  // the rule that was broken, with an example where that helps; never a secret

    /// `halcyon.yaml:17:22: collections.products.distance: "cos" is not one of Cosine, Dot, ...`
    std::string message() const;
    auto operator<=>(const Mistake&) const = default;
};

/// By place in the file, without doubles.
void sort(std::vector<Mistake>& mistakes);

}  // namespace halcyon::settings
