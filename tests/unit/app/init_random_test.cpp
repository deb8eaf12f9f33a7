// Whatever documents look like, the settings that init makes of them are taken.
#include <catch2/catch.hpp>

#include "app/init/settings_text.hpp"
#include "app/settings.hpp"
#include "base/random.hpp"
#include "core/bson.hpp"

using namespace halcyon;
using namespace halcyon::app::init;

namespace {

const std::vector<std::string> names{
    "name",       "title",    "body",    "a",     "b",    "a b",   "_halcyon", "5",        "x.y", "$set",
    "chunk_text", "{{name}}", "${HOME}", "größe", "true", "a,b",   "# c",      "\"",       "as",  "geo",
    "id",         "field",    "\n",      "*",     "~",    "price", "tags",     "createdAt"};
const std::vector<std::string> words{"a chair that is made of wood",
                                     "red",
                                     "https://example.com/a",
                                     "2024-01-01",
                                     "ann@example.com",
                                     "",
                                     "\xff\xfe",
                                     "yes",
                                     "{{name}}"};

std::string document(SeededRandom& random, unsigned depth) {
    std::string out;
    const auto opened = bson::open(out);
    for (std::uint64_t i = random.below(12); i > 0; --i) {
        const auto& name = names[random.below(names.size())];
        switch (random.below(depth == 0 ? 5 : 7)) {
            case 0:
            case 1:
                bson::append_text(out, bson::Type::string, name, words[random.below(words.size())]);
                break;
            case 2:
                bson::append(out, bson::Type::int32, name, std::string(4, '\1'));
                break;
            case 3:
                bson::append(out, bson::Type::null, name, "");
                break;
            case 4:
                bson::append(out, bson::Type::date, name, std::string(8, '\1'));
                break;
            case 5:
                bson::append(out, bson::Type::object, name, document(random, depth - 1));
                break;
            default:
                bson::append(out, bson::Type::array, name, document(random, depth - 1));
                break;
        }
    }
    bson::close(out, opened);
    return out;
}

}  // namespace

TEST_CASE("settings that are made of any documents are accepted") {
    unsigned routes = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SeededRandom random(seed);
        SampledCollection sampled{{"shop", names[random.below(names.size())]}, {}};
        for (std::uint64_t i = random.below(8); i > 0; --i)
            sampled.look.sample.push_back(Document::trusted(document(random, 2)));
        sampled.look.documents = 1000;
        Proposal p{"mongodb://127.0.0.1/", "http://127.0.0.1:6333", "lexical", {propose(sampled)}, {}};
        if (p.routes[0].text.empty()) continue;
        ++routes;
        name_targets(p.routes);
        const auto text = settings_text(p);
        const auto loaded = app::read_settings("halcyon.yaml", text, {});
        INFO("seed " << seed << "\n" << text);
        for (const auto& m : loaded.mistakes) UNSCOPED_INFO(m.message());
        REQUIRE(loaded.mistakes.empty());
        CHECK(loaded.settings.pipeline.routes.at(0).text_fields == p.routes[0].text);
        CHECK(loaded.settings.pipeline.routes.at(0).payload->size() == p.routes[0].payload.size());
    }
    CHECK(routes > 100);
}
