// What a route says in languages of its own: a filter, payload fields and a template. Lines: the filter's
// extended JSON; the payload's fields, each "path", "path=name" or "path@" (geo), joined by commas; the rest
// is the template.
#include <algorithm>
#include <string>
#include <vector>

#include "core/utf8.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/values.hpp"
#include "render/filter.hpp"
#include "render/payload.hpp"
#include "render/route.hpp"
#include "render/text_template.hpp"
#include "render/value_text.hpp"

namespace halcyon::fuzz {
namespace {

const std::vector<Document>& documents() {
    static const std::vector<Document> all = [] {
        std::vector<Document> out;
        for (
            const auto* json :
            {R"({"_id":1,"name":"Lamp","price":19.5,"tags":["warm","led"],"seller":{"city":"Oslo","since":2001}})",
             R"({"_id":"b","name":"","price":{"$numberDecimal":"19.50"},"tags":[],"seller":null})",
             R"({"_id":{"$oid":"5f0c1d2e3a4b5c6d7e8f9a0b"},"name":["a",["b",{"c":1}]],"items":[{"name":"x","n":1},{"n":2},3]})",
             R"({"_id":{"a":1},"at":{"$date":"2024-02-29T12:00:00Z"},"place":{"type":"Point","coordinates":[10.75,59.9]}})",
             R"({"_id":5,"price":{"$numberLong":"9007199254740993"},"tags":"led","name":"\u0000 \t\n x","ok":true})"})
            out.push_back(Document::from_json(json).value());
        return out;
    }();
    return all;
}

std::vector<render::PayloadField> fields_of(std::string_view line) {
    std::vector<render::PayloadField> fields;
    for (std::size_t at = 0; at < line.size();) {
        const auto end = std::min(line.find(',', at), line.size());
        auto word = line.substr(at, end - at);
        render::PayloadField field;
        if (word.ends_with('@')) {
            field.geo = true;
            word.remove_suffix(1);
        }
        const auto equals = std::min(word.find('='), word.size());
        field.field = word.substr(0, equals);
        field.as = word.substr(std::min(equals + 1, word.size()));
        fields.push_back(std::move(field));
        at = end + 1;
    }
    return fields;
}

template <class T>
bool refused_clearly(const Result<T>& result) {
    return result.has_value() || (result.error().verdict == Verdict::reject &&
                                  result.error().cause == Cause::invalid && !result.error().context.empty());
}

void check_filter(const std::string& json) {
    const auto filter = render::Filter::compile(json);
    HOLDS(refused_clearly(filter));
    if (!filter) return;
    HOLDS(render::Filter::compile(json).value().digest() == filter.value().digest());
    const bool all = json.find_first_not_of(" \t\r\n") == std::string::npos;
    const auto both = render::Filter::compile(all ? json : "{\"$and\":[" + json + "," + json + "]}");
    const auto either = render::Filter::compile(all ? json : "{\"$or\":[" + json + "]}");
    for (const auto& document : documents()) {
        const auto matches = filter.value().matches(document.bson());
        HOLDS(matches.has_value());
        // Two levels more may be too deep for the JSON's parser.
        if (both) HOLDS(both.value().matches(document.bson()).value() == matches.value());
        if (either) HOLDS(either.value().matches(document.bson()).value() == matches.value());
    }
}

void check_text(const Result<render::TextTemplate>& made) {
    HOLDS(refused_clearly(made));
    if (!made) return;
    for (const auto& document : documents()) {
        const auto text = made.value().render(document.bson());
        HOLDS(text.has_value());
        HOLDS(utf8::valid(text.value()));
        HOLDS(render::tidy(text.value()) == text.value());
    }
}

}  // namespace

void run(Input input) {
    render::RouteOptions options;
    options.from = {"shop", "products"};
    options.to = CollectionName("products");
    options.filter = input.line();
    options.payload = fields_of(input.line());
    options.text = input.rest();

    check_filter(options.filter);
    check_text(render::TextTemplate::parse(options.text));
    std::vector<std::string> names;
    for (const auto& field : *options.payload) names.push_back(field.field);
    check_text(render::TextTemplate::of_fields(names));

    const auto payload = render::PayloadSpec::compile(options.payload, "");
    HOLDS(refused_clearly(payload));
    if (payload)
        for (const auto& document : documents()) {
            const auto json = payload.value().render(document.bson());
            HOLDS(json.has_value() && is_json(json.value()));
        }

    const auto route = render::Route::compile(options, "any", 8, Distance::cosine);
    HOLDS(route.has_value() == (render::Filter::compile(options.filter).has_value() && payload.has_value() &&
                                render::TextTemplate::parse(options.text).has_value()));
    if (!route) return;
    const auto again = render::Route::compile(options, "any", 8, Distance::cosine);
    HOLDS(again.value().definition() == route.value().definition());
    for (const auto& document : documents()) HOLDS(route.value().want(document).has_value());
}

}  // namespace halcyon::fuzz
