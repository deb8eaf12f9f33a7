// What a command fails with: MongoDB's code, its name, its text.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon::devstack::mongo {

// "BadValue" for 2, "Location40324" where a code has no name.
std::string code_name(int code);

class CommandError : public std::runtime_error {
  public:
    CommandError(int code, const std::string& message, std::vector<std::string> labels = {})
        : std::runtime_error(message), code_(code), labels_(std::move(labels)) {}
    int code() const { return code_; }
    const std::vector<std::string>& labels() const { return labels_; }

  private:
    int code_;
    std::vector<std::string> labels_;
};

}  // namespace halcyon::devstack::mongo
