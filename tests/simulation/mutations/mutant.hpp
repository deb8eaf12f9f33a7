// Which deliberate fault is on (mutations.py): named by HALCYON_MUTANT, none by default.
#pragma once

#include <cstdlib>
#include <string_view>

namespace halcyon {

inline bool mutant(std::string_view name) {
    static const char* const on = std::getenv("HALCYON_MUTANT");
    return on != nullptr && name == on;
}

}  // namespace halcyon
