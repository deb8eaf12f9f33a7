// How a request is refused. Deep in a request's reading the only way out is this exception; `Service::handle`
// is the one place that catches it and makes the reply of it.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace halcyon::devstack::qdrant {

class Refused : public std::exception {
  public:
    Refused(unsigned status, std::string text, bool at_end = false)
        : status_(status), text_(std::move(text)), at_end_(at_end) {}

    const char* what() const noexcept override { return text_.c_str(); }
    unsigned status() const { return status_; }
    const std::string& text() const { return text_; }
    // The real server adds the position where its parser stood: the end of the body.
    bool at_end() const { return at_end_; }

  private:
    unsigned status_;
    std::string text_;
    bool at_end_;
};

// The forms of the recorded server. `text` stands behind the form's own prefix.
inline Refused format_error(const std::string& text, bool at_end = true) {
    return {400, "Format error in JSON body: " + text, at_end};
}
inline Refused no_variant(const std::string& name) {
    return format_error("data did not match any variant of untagged enum " + name);
}
inline Refused invalid(const std::string& text) {
    return {422, "Validation error in JSON body: [" + text + "]"};
}
inline Refused wrong_input(const std::string& text) { return {400, "Wrong input: " + text}; }
inline Refused bad_request(const std::string& text) { return {400, "Bad request: " + text}; }
inline Refused not_found(const std::string& text) { return {404, "Not found: " + text}; }
// What the real server can and this one can't: refused, never answered ok.
inline Refused not_here(const std::string& what) {
    return {400, "Wrong input: the development server has no " + what};
}

}  // namespace halcyon::devstack::qdrant
