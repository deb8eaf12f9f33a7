#include "admin/assets.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <regex>
#include <set>
#include <string>

using namespace halcyon::admin;

namespace {

std::string content(std::string_view path) {
    const auto* asset = find_asset(path);
    REQUIRE(asset);
    return std::string(asset->content);
}

std::vector<std::string> matches(const std::string& text, const char* pattern) {
    const std::regex expression(pattern);
    std::vector<std::string> out;
    for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at)
        out.push_back((*at)[1]);
    return out;
}

/// "./a.js" or "../a.js", as the module at `base` means it.
std::string resolved(std::string_view base, std::string reference) {
    auto folder = std::string(base.substr(0, base.rfind('/')));
    while (reference.starts_with("./") || reference.starts_with("../")) {
        if (reference.starts_with("../")) folder.erase(folder.rfind('/'));
        reference.erase(0, reference.find('/') + 1);
    }
    return folder + "/" + reference;
}

bool own(const Asset& asset) { return asset.path != "/assets/chart.js"; }

}  // namespace

TEST_CASE("every asset is found by its path, and nothing else is") {
    REQUIRE(assets().size() > 10);
    CHECK(std::is_sorted(assets().begin(), assets().end(),
                         [](const Asset& a, const Asset& b) { return a.path < b.path; }));
    for (const auto& asset : assets()) {
        INFO(asset.path);
        CHECK(find_asset(asset.path) == &asset);
        CHECK_FALSE(asset.content.empty());
    }
    CHECK(find_asset("") == nullptr);
    CHECK(find_asset("/index.html") == nullptr);
    CHECK(find_asset("/assets/") == nullptr);
    CHECK(find_asset("/assets/../assets/app.js") == nullptr);
    CHECK(find_asset("/assets/app.js/") == nullptr);
}

TEST_CASE("an asset is the file, with a type and an ETag of its own") {
    std::set<std::string_view> etags;
    for (const auto& asset : assets()) {
        INFO(asset.path);
        CHECK(std::regex_match(std::string(asset.etag), std::regex("\"[0-9a-f]{32}\"")));
        CHECK(etags.insert(asset.etag).second);
    }
    CHECK(find_asset("/")->type == "text/html; charset=utf-8");
    CHECK(find_asset("/assets/app.js")->type == "text/javascript; charset=utf-8");
    CHECK(find_asset("/assets/chart.js")->type == "text/javascript; charset=utf-8");
    CHECK(find_asset("/assets/base.css")->type == "text/css; charset=utf-8");
    CHECK(find_asset("/assets/favicon.svg")->type == "image/svg+xml");
    CHECK(find_asset("/")->content.starts_with("<!doctype html>"));
    CHECK(find_asset("/")->content.ends_with("</html>\n"));
    CHECK(find_asset("/assets/chart.js")->content.find("Released under the MIT License") < 400);
}

TEST_CASE("whatever the page and its modules refer to is there") {
    const auto page = content("/");
    const auto references = matches(page, "(?:src|href)=\"([^\"]*)\"");
    REQUIRE(references.size() > 5);
    for (const auto& reference : references) {
        INFO(reference);
        if (!reference.starts_with("#")) CHECK(find_asset("/" + reference));
    }
    std::size_t imports = 0;
    for (const auto& asset : assets()) {
        if (!own(asset) || !asset.path.ends_with(".js")) continue;
        for (const auto& reference : matches(std::string(asset.content), "\\bfrom '([^']*)'")) {
            INFO(asset.path << " imports " << reference);
            CHECK(find_asset(resolved(asset.path, reference)));
            ++imports;
        }
    }
    CHECK(imports > 20);
}

TEST_CASE("nothing comes from elsewhere, and nothing needs more than the strict policy gives") {
    for (const auto& asset : assets()) {
        if (!own(asset)) continue;
        INFO(asset.path);
        const std::string text(asset.content);
        for (const auto& host : matches(text, "((?:https?|wss?)://[^\\s'\"]*)"))
            CHECK(host == "http://www.w3.org/2000/svg");  // a name, not an address
        CHECK(matches(text, "(innerHTML|outerHTML|insertAdjacentHTML|document\\.write|\\beval\\()").empty());
        CHECK(matches(text, "(new Function)").empty());
        if (asset.path.ends_with(".css")) CHECK(matches(text, "(url\\(|@import)").empty());
    }
    const auto page = content("/");
    CHECK(matches(page, "(<style|style=| on[a-z]+=|javascript:)").empty());
    for (const auto& script : matches(page, "(<script[^>]*>[^<]*)")) {
        INFO(script);
        CHECK(script.find(" src=\"assets/") != std::string::npos);
        CHECK(script.ends_with(">"));
    }
}

TEST_CASE("the dashboard's own files are short") {
    for (const auto& asset : assets()) {
        INFO(asset.path);
        if (own(asset)) CHECK(std::count(asset.content.begin(), asset.content.end(), '\n') <= 400);
    }
}
