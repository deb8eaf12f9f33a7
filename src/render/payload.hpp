// A document as the JSON payload of its points.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "render/path.hpp"
#include "render/route.hpp"

namespace halcyon::render {

/// The payload's field that halcyon keeps for itself.
inline constexpr std::string_view reserved_field = "_halcyon";
/// The longest text or payload of a document.
inline constexpr std::size_t most_bytes = 8 << 20;

/// | BSON                        | JSON                                                     |
/// | --------------------------- | -------------------------------------------------------- |
/// | string, symbol, code        | string; bytes that are no UTF-8 become U+FFFD            |
/// | int32, int64                | number                                                   |
/// | double                      | shortest number that reads back; null for NaN, infinities |
/// | decimal128                  | string ("1.50"); null for NaN, infinities                |
/// | date                        | RFC 3339 in UTC; null outside of the years 0 to 9999     |
/// | ObjectId                    | 24 hexadecimal digits                                    |
/// | binary                      | subtype 4: UUID as text; otherwise base64                |
/// | boolean, null, undefined    | true, false, null                                        |
/// | regular expression          | "/pattern/options"                                       |
/// | timestamp                   | {"t": seconds, "i": increment}                           |
/// | DBPointer                   | {"ref": namespace, "id": 24 hexadecimal digits}          |
/// | MinKey, MaxKey              | "MinKey", "MaxKey"                                       |
/// A listed field that is missing is left out; one inside of an array's documents becomes an array.
/// Immutable; any thread.
class PayloadSpec {
  public:
    /// Nothing: the whole document without its `_id` and without `ignored`. `left_out`: a name that is
    /// written by somebody else. Errors: reject/invalid for names that are reserved, occur twice, or contain
    /// each other.
    static Result<PayloadSpec> compile(const std::optional<std::vector<PayloadField>>& fields,
                                       std::string_view left_out, std::string_view ignored = {});

    /// A JSON object. Errors: reject, when malformed, nested too deep or over most_bytes.
    Result<std::string> render(std::string_view document) const;
    /// Of its meaning.
    Digest digest() const;

    /// Listed fields by the names that they get.
    struct Node {
        std::string name;
        std::optional<Path> field;  // nothing: an object of `children`
        bool geo = false;
        std::vector<Node> children;
    };

  private:
    bool whole_ = true;
    std::string left_out_;
    std::string ignored_;
    std::vector<Node> fields_;
    Digest digest_;
};

}  // namespace halcyon::render
