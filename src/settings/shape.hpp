// What a field accepts, as data: the one source of the JSON schema, the reference and the messages.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace halcyon::settings {

struct FieldDoc;

struct Shape {
    enum class Kind {
        text,
        integer,
        number,
        boolean,
        duration,  // "20ms", "5s", "2m", "1h"
        bytes,     // "1MiB", "512"
        percent,   // "5%"
        choice,
        list,    // of `item`
        map,     // names to `item`
        object,  // `fields`
        any,     // whatever YAML can say that JSON can
        either,  // one of `alternatives`
    } kind = Kind::text;
    std::string minimum{};  // inclusive, as it is written in a file; empty: none
    std::string maximum{};
    std::vector<std::string> choices{};
    std::string example{};  // of a list or map, in one line
    std::shared_ptr<const Shape> item{};
    std::shared_ptr<const std::vector<FieldDoc>> fields{};
    std::vector<Shape> alternatives{};
};

/// What the table says of a field for people.
struct Doc {
    std::string help{};     // a sentence or two; the meaning of zero or empty if it has one
    std::string example{};  // as it is written in YAML; shown in the reference and in messages
    bool required = false;
    /// Stands in the reference as a comment, since it goes against something else there.
    bool commented = false;
};

struct FieldDoc {
    std::string name;
    Shape shape;
    Doc doc;
    std::string default_value{};  // as it is written in YAML; empty: none
};

/// One setting that is in effect.
struct Shown {
    std::string path;   // "routes[0].from", "embedders.default.url"
    std::string value;  // as YAML writes it; empty: none; "***": a secret
    bool set = false;   // by the file or the environment, else it is the default
};

/// "a duration (like 20ms, 5s, 2m), 1ms to 10m", "one of Cosine, Dot, Euclid", "true or false", "a list of
/// texts".
std::string describe(const Shape& shape, bool example = true);

}  // namespace halcyon::settings
