#include "api/openapi.hpp"

#include <cstddef>

asm(".pushsection .rodata\n"
    "halcyon_openapi: .incbin \"" HALCYON_OPENAPI
    "\"\n"
    "halcyon_openapi_end: .byte 0\n"
    ".global halcyon_openapi, halcyon_openapi_end\n"
    ".hidden halcyon_openapi, halcyon_openapi_end\n"
    ".popsection\n");

extern "C" {
extern const char halcyon_openapi[];
extern const char halcyon_openapi_end[];
}

namespace halcyon::api {

std::string_view openapi_json() {
    return {halcyon_openapi, static_cast<std::size_t>(halcyon_openapi_end - halcyon_openapi)};
}

}  // namespace halcyon::api
