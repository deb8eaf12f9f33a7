// The text that is embedded for a document.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "render/path.hpp"

namespace halcyon::render {

/// Literal text with {{placeholders}}, or fields joined by a newline. Immutable; any thread.
class TextTemplate {
  public:
    /// Changes when the same template gives another text; part of the fingerprint.
    static constexpr std::uint64_t version = 1;

    /// "{{name}}: {{seller.city}}". Errors: reject/invalid, for one without a placeholder too.
    static Result<TextTemplate> parse(std::string_view text);
    static Result<TextTemplate> of_fields(const std::vector<std::string>& fields);

    /// Empty if every placeholder is. Errors: reject, when malformed or nested too deep.
    Result<std::string> render(std::string_view document) const;
    /// A placeholder lies in this field of the document.
    bool reads(std::string_view top) const;

  private:
    struct Part {
        std::string literal;
        std::optional<Path> field;
    };
    std::vector<Part> parts_;
    bool lines_ = false;  // each part that is not empty is a line
};

}  // namespace halcyon::render
