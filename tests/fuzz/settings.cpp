// A settings file: of whatever bytes, it becomes settings, or mistakes that a person can place.
#include "app/settings.hpp"

#include <algorithm>
#include <string>

#include "core/utf8.hpp"
#include "fuzz/fuzz.hpp"
#include "render/route.hpp"

namespace halcyon::fuzz {
namespace {

constexpr std::string_view secret = "7h3-s3cr37-0f-411";

bool is_in(const settings::Place& place, std::string_view text) {
    if (place.line == 0) return place.column == 0;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    for (auto line = place.line; line > 1; --line) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return false;
        text.remove_prefix(end + 1);
    }
    return place.column >= 1 && place.column <= std::min(text.find('\n'), text.size()) + 1;
}

}  // namespace

void run(Input input) {
    const auto text = input.rest();
    const settings::Environment environment{
        {"TOKEN", std::string(secret)}, {"EMPTY", ""}, {"QDRANT_API_KEY", std::string(secret)}};
    const auto loaded = app::read_settings("halcyon.yaml", text, environment);

    for (const auto& mistake : loaded.mistakes) {
        const auto message = mistake.message();
        HOLDS(!mistake.text.empty());
        HOLDS(utf8::valid(message));
        // Unless libFuzzer has found it in our memory and written it into the file.
        HOLDS(message.find(secret) == std::string::npos || text.find(secret) != std::string_view::npos);
        HOLDS(!mistake.place.origin.empty() || is_in(mistake.place, text));
    }
    HOLDS(std::ranges::is_sorted(loaded.mistakes));
    HOLDS(app::read_settings("halcyon.yaml", text, environment).mistakes == loaded.mistakes);
    if (!loaded.mistakes.empty()) return;

    const auto& app = loaded.settings;
    HOLDS(!app.pipeline.routes.empty() && !app.embedders.empty());
    for (const auto& route : app.pipeline.routes) {
        HOLDS(render::Route::compile(route, "any", 1, Distance::cosine).has_value());
        HOLDS(std::ranges::any_of(app.pipeline.collections,
                                  [&](const auto& c) { return c.spec.name == route.to; }));
    }
    for (const auto& collection : app.pipeline.collections)
        HOLDS(app.embedders.contains(collection.embedder));
    for (const auto& [name, embedder] : app.embedders) HOLDS(embed::completed(embedder).has_value());
}

}  // namespace halcyon::fuzz
