// Reading settings in tests.
#pragma once

#include <string>
#include <vector>

#include "app/settings.hpp"

namespace halcyon::testing {

inline const std::string base = R"(embedders: { default: { type: lexical } }
routes: [{ from: shop.products, to: products, text: [name] }]
)";

inline app::LoadedSettings read(const std::string& text, const settings::Environment& environment = {}) {
    return app::read_settings("halcyon.yaml", text, environment);
}

inline std::vector<std::string> messages(const app::LoadedSettings& loaded) {
    std::vector<std::string> out;
    for (const auto& mistake : loaded.mistakes) out.push_back(mistake.message());
    return out;
}

}  // namespace halcyon::testing
