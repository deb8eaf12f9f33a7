#include "fuzz/values.hpp"

#include <bson/bson.h>
#include <simdjson.h>

#include "core/document.hpp"

namespace halcyon::fuzz {
namespace {

bool walk(bson_iter_t& at) {
    while (bson_iter_next(&at)) {
        const auto type = bson_iter_type(&at);
        if (type != BSON_TYPE_DOCUMENT && type != BSON_TYPE_ARRAY) continue;
        bson_iter_t inside;
        if (!bson_iter_recurse(&at, &inside) || !walk(inside)) return false;
    }
    return at.err_off == 0;
}

}  // namespace

bool is_json(std::string_view text) {
    simdjson::dom::parser parser;
    return parser.parse(text.data(), text.size()).error() == simdjson::SUCCESS;
}

std::string bson_of(std::string_view bytes) {
    if (bytes.starts_with('{'))
        if (const auto made = Document::from_json(bytes)) return std::string(made.value().bson());
    return std::string(bytes);
}

bool libbson_walks(std::string_view document) {
    bson_t view;
    bson_iter_t at;
    return bson_init_static(&view, reinterpret_cast<const std::uint8_t*>(document.data()), document.size()) &&
           bson_iter_init(&at, &view) && walk(at);
}

}  // namespace halcyon::fuzz
