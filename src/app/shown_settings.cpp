#include "app/shown_settings.hpp"

#include <boost/json.hpp>

namespace halcyon::app {
namespace {

constexpr std::string_view masked = "***";
constexpr std::size_t shortest_secret = 4;  // a shorter one would mask half of all values

void mask(std::string& value, const std::string& secret) {
    if (secret.size() < shortest_secret) return;
    for (auto at = value.find(secret); at != std::string::npos; at = value.find(secret, at + masked.size()))
        value.replace(at, secret.size(), masked);
}

/// "http://user:password@host" is "http://***@host".
void mask_user(std::string& value) {
    constexpr std::string_view mark = "://";
    for (auto at = value.find(mark); at != std::string::npos; at = value.find(mark, at)) {
        at += mark.size();
        const auto end = std::min(value.find_first_of("/?# \"'", at), value.size());
        const auto user = value.rfind('@', end);
        if (user != std::string::npos && user >= at && user < end) value.replace(at, user - at, masked);
    }
}

}  // namespace

std::vector<settings::Shown> shown_settings(const WrittenSettings& written, const settings::Value& root,
                                            const std::vector<std::string>& secrets) {
    auto whole = written;
    for (const auto& c : whole.app.pipeline.collections) {
        auto& shown = whole.collections.try_emplace(c.spec.name.value(), c).first->second;
        shown.embedder = c.embedder;
    }
    std::vector<settings::Shown> out;
    table().list(whole, &root, "", out);
    for (auto& row : out) {
        for (const auto& secret : secrets) mask(row.value, secret);
        mask_user(row.value);
    }
    return out;
}

std::string settings_json(const AppSettings& settings) {
    boost::json::array rows;
    for (const auto& s : settings.shown)
        rows.push_back(boost::json::object{{"path", s.path}, {"value", s.value}, {"set", s.set}});
    return boost::json::serialize(
        boost::json::object{{"file", settings.file}, {"settings", std::move(rows)}});
}

}  // namespace halcyon::app
