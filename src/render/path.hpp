// A dotted path into a document: "seller.city", "tags.0", "items.name" (of every item).
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/bson.hpp"

namespace halcyon::render {

/// Like MongoDB's paths: a name goes into each document of an array, a number is also an array's index. Reads
/// what lies on its way only. Immutable; any thread.
class Path {
  public:
    /// Errors: reject/invalid for no name, an empty name between dots, a NUL, over 100 names.
    static Result<Path> parse(std::string_view text);

    const std::string& text() const { return text_; }
    const std::vector<std::string>& names() const { return names_; }
    bool has_index() const;

    /// Calls `found(const bson::Value* value, bool many) -> bool` for every place that the path leads to,
    /// until it gives false. A null `value`: the path ends before its last name. `many`: one of an array's
    /// documents. False: malformed bytes on the way.
    template <class F>
    bool visit(std::string_view document, F&& found) const {
        Walk<F> walk{*this, found};
        walk.object(document, 0, false);
        return !walk.malformed;
    }

  private:
    template <class F>
    struct Walk {
        const Path& path;
        F& found;
        bool malformed = false;
        bool stopped = false;

        void report(const bson::Value* value, bool many) { stopped = stopped || !found(value, many); }

        /// False: the object has no such field.
        bool object(std::string_view bytes, std::size_t at, bool many, bool report_missing = true) {
            bson::Reader reader(bytes);
            bson::Field field;
            const std::string_view name = path.names_[at];
            while (reader.next(field))
                if (field.key == name) {
                    value(field.value, at, many);
                    return true;
                }
            if (reader.failed())
                malformed = true;
            else if (report_missing)
                report(nullptr, many);
            return false;
        }

        void value(const bson::Value& v, std::size_t at, bool many) {
            if (at + 1 == path.names_.size())
                report(&v, many);
            else if (v.type == bson::Type::object)
                object(v.bytes, at + 1, many);
            else if (v.type == bson::Type::array)
                array(v.bytes, at + 1, many);
            else
                report(nullptr, many);
        }

        void array(std::string_view bytes, std::size_t at, bool many) {
            bson::Reader reader(bytes);
            bson::Field element;
            const auto wanted = path.indexes_[at];
            bool any = false;
            for (std::size_t i = 0; !stopped && !malformed && reader.next(element); ++i) {
                if (wanted == i) {
                    any = true;
                    value(element.value, at, many);
                }
                if (element.value.type == bson::Type::object && !stopped)
                    any = object(element.value.bytes, at, true, !wanted) || any;
            }
            malformed = malformed || reader.failed();
            if (wanted && !any && !malformed && !stopped) report(nullptr, many);
        }
    };

    std::string text_;
    std::vector<std::string> names_;
    std::vector<std::optional<std::size_t>> indexes_;  // of the names that are numbers
};

}  // namespace halcyon::render
