// A value of the settings with its path, and where mistakes about it go.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings/environment.hpp"
#include "settings/value.hpp"

namespace halcyon::settings {

/// What reading a settings file brings to light besides the values.
struct Report {
    std::string file;
    std::vector<Mistake> mistakes{};
    /// Values that must never be printed; for log::mask.
    std::vector<std::string> secrets{};
    /// Variables that the file names, and what they hold.
    Environment variables{};
};

/// A handle on one value; cheap to copy. REQUIRES: value and report outlive it.
class Section {
  public:
    Section(const Value& value, std::string path, Report& report)
        : value_(&value), path_(std::move(path)), report_(&report) {}

    const Value& value() const { return *value_; }
    const std::string& path() const { return path_; }
    Report& report() const { return *report_; }

    /// The child of that name; where it is missing, an empty one (null) at this section's place.
    Section get(std::string_view name) const;
    /// It is written there and says something.
    bool has(std::string_view name) const;
    /// It is written there, maybe with nothing behind it.
    bool names(std::string_view name) const { return value_->find(name) != nullptr; }
    Section item(std::size_t index) const;

    /// Adds a mistake at this value's place; not for a value whose variable is missing, which has its
    /// mistake. What variables hold stands in it as `${NAME}` (from 4 characters on), since it may be secret.
    void mistake(std::string text) const;
    /// The scalar as written, in quotes, for messages: `"${PORT}"`, never what a variable holds; long ones
    /// are cut.
    std::string quoted() const;

  private:
    Section(const Value& value, std::string path, Report& report, Place place)
        : value_(&value), path_(std::move(path)), report_(&report), place_(std::move(place)) {}
    const Value* value_;
    std::string path_;
    Report* report_;
    Place place_{};  // for a missing value: its parent's
};

}  // namespace halcyon::settings
