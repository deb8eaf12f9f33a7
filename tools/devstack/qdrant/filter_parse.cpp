#include <algorithm>

#include "devstack/qdrant/datetime.hpp"
#include "devstack/qdrant/decode.hpp"
#include "devstack/qdrant/filter.hpp"

namespace halcyon::devstack::qdrant {
namespace {

FieldCondition::Test parse_match(const Json& match) {
    const Refused unknown = no_variant("MatchInterface");
    if (!match.object() || match.object()->size() != 1) throw unknown;
    const auto& [kind, value] = match.object()->front();
    if (kind == "value") {
        if (!value.text() && !value.boolean() && !value.integer()) throw unknown;
        return MatchValue{value};
    }
    if (kind == "any" || kind == "except") {
        if (!value.array()) throw unknown;
        for (const Json& item : *value.array()) {
            const bool same = item.text() ? value.array()->front().text() != nullptr
                                          : item.integer() && value.array()->front().integer();
            if (!same) throw unknown;
        }
        return MatchAny{*value.array(), kind == "except"};
    }
    using Kind = MatchText::Kind;
    constexpr std::pair<std::string_view, Kind> texts[] = {
        {"text", Kind::all_words}, {"text_any", Kind::any_word}, {"phrase", Kind::phrase}};
    for (const auto& [name, text_kind] : texts)
        if (kind == name && value.text()) return MatchText{text_kind, *value.text()};
    throw unknown;
}

template <class T, class Read>
bool read_bounds(const Json& range, Bounds<T>& bounds, Read&& read) {
    const std::pair<std::string_view, std::optional<T>*> fields[] = {
        {"lt", &bounds.lt}, {"gt", &bounds.gt}, {"lte", &bounds.lte}, {"gte", &bounds.gte}};
    for (const auto& [name, bound] : fields) {
        if (const Json* value = given(range, name)) {
            *bound = read(*value);
            if (!*bound) return false;
        }
    }
    return true;
}

FieldCondition::Test parse_range(const Json& range) {
    if (!range.object()) throw no_variant("RangeInterface");
    NumberRange numbers;
    if (read_bounds(range, numbers, [](const Json& v) { return v.number(); })) return numbers;
    DateRange dates;
    const auto date = [](const Json& v) { return v.text() ? parse_datetime(*v.text()) : std::nullopt; };
    if (read_bounds(range, dates, date)) return dates;
    throw no_variant("RangeInterface");
}

std::pair<double, double> parse_geo_point(const Json& point) {
    expect_object(point, "GeoPoint");
    const double lon = to_number(required(point, "lon")), lat = to_number(required(point, "lat"));
    if (lon < -180 || lon > 180 || lat < -90 || lat > 90)
        throw format_error("Wrong input: Geo point is out of range");
    return {lon, lat};
}

FieldCondition parse_field(const Json& value) {
    FieldCondition condition;
    condition.key = Path::parse(to_text(required(value, "key")));
    if (const Json* match = given(value, "match")) condition.tests.push_back(parse_match(*match));
    if (const Json* range = given(value, "range")) condition.tests.push_back(parse_range(*range));
    if (const Json* circle = given(value, "geo_radius")) {
        const auto [lon, lat] = parse_geo_point(required(*circle, "center"));
        condition.tests.push_back(GeoCircle{lon, lat, to_number(required(*circle, "radius"))});
    }
    if (const Json* box = given(value, "geo_bounding_box")) {
        const auto [west, north] = parse_geo_point(required(*box, "top_left"));
        const auto [east, south] = parse_geo_point(required(*box, "bottom_right"));
        condition.tests.push_back(GeoBox{west, north, east, south});
    }
    if (given(value, "geo_polygon")) throw not_here("geo_polygon conditions");
    if (const Json* count = given(value, "values_count")) {
        CountRange range;
        expect_object(*count, "ValuesCount");
        read_bounds(*count, range, [](const Json& v) { return std::optional(to_unsigned(v)); });
        condition.tests.push_back(range);
    }
    if (const auto wanted = boolean_field(value, "is_empty")) condition.tests.push_back(IsEmpty{*wanted});
    if (const auto wanted = boolean_field(value, "is_null")) condition.tests.push_back(IsNull{*wanted});
    if (condition.tests.empty()) throw invalid("filter: At least one field condition must be specified");
    return condition;
}

Path key_of(const Json& field) {
    expect_object(field, "PayloadField");
    return Path::parse(to_text(required(field, "key")));
}

Condition parse_condition(const Json& value) {
    if (!value.object()) throw no_variant("Condition");
    if (value.find("key")) return parse_field(value);
    if (const Json* field = value.find("is_empty")) return FieldCondition{key_of(*field), {IsEmpty{}}};
    if (const Json* field = value.find("is_null")) return FieldCondition{key_of(*field), {IsNull{}}};
    if (const Json* ids = value.find("has_id")) {
        HasId has;
        for (const Json& id : to_array(*ids)) has.ids.insert(PointId::from_json(id, true));
        return has;
    }
    if (const Json* name = value.find("has_vector")) return HasVector{to_text(*name)};
    if (const Json* nested = value.find("nested")) {
        expect_object(*nested, "Nested");
        Path key = Path::parse(to_text(required(*nested, "key")));
        return Nested{std::move(key), std::make_shared<Filter>(Filter::parse(required(*nested, "filter")))};
    }
    for (const auto name : {"must", "should", "must_not", "min_should"})
        if (value.find(name)) return std::make_shared<const Filter>(Filter::parse(value));
    throw no_variant("Condition");
}

std::vector<Condition> parse_conditions(const Json& value) {
    std::vector<Condition> out;
    if (value.is_null()) return out;
    if (value.object()) {
        out.push_back(parse_condition(value));
        return out;
    }
    for (const Json& item : to_array(value)) out.push_back(parse_condition(item));
    return out;
}

std::vector<std::string> serving(const FieldCondition::Test& test) {
    const auto of_value = [](const Json& value) -> std::vector<std::string> {
        if (value.boolean()) return {"bool"};
        if (!value.text()) return {"integer"};
        if (PointId::from_uuid(*value.text())) return {"keyword", "uuid"};
        return {"keyword"};
    };
    if (const auto* match = std::get_if<MatchValue>(&test)) return of_value(match->value);
    if (const auto* any = std::get_if<MatchAny>(&test)) {
        return any->values.empty() ? std::vector<std::string>{} : of_value(any->values.front());
    }
    if (std::holds_alternative<MatchText>(test)) return {"text"};
    if (std::holds_alternative<NumberRange>(test)) return {"integer", "float"};
    if (std::holds_alternative<DateRange>(test)) return {"datetime"};
    if (std::holds_alternative<GeoCircle>(test) || std::holds_alternative<GeoBox>(test)) return {"geo"};
    return {};
}

}  // namespace

Filter Filter::parse(const Json& value) {
    Filter filter;
    expect_object(value, "Filter");
    for (const auto& [name, part] : *value.object()) {
        if (name == "must") {
            filter.must = parse_conditions(part);
        } else if (name == "should") {
            filter.should = parse_conditions(part);
        } else if (name == "must_not") {
            filter.must_not = parse_conditions(part);
        } else if (name == "min_should") {
            if (part.is_null()) continue;
            expect_object(part, "MinShould");
            filter.min_should = parse_conditions(required(part, "conditions"));
            filter.min_count = to_unsigned(required(part, "min_count"));
        } else {
            throw format_error("unknown field `" + name +
                               "`, expected one of `should`, `min_should`, `must`, `must_not`");
        }
    }
    return filter;
}

std::optional<Filter> Filter::field(const Json& request, std::string_view name) {
    const Json* value = given(request, name);
    return value ? std::optional(parse(*value)) : std::nullopt;
}

void for_each_indexable(
    const Filter& filter,
    const std::function<void(const std::string&, const std::vector<std::string>&)>& each) {
    for (const auto* conditions : {&filter.should, &filter.min_should, &filter.must, &filter.must_not}) {
        for (const Condition& condition : *conditions) {
            if (const auto* field = std::get_if<FieldCondition>(&condition)) {
                for (const auto& test : field->tests) {
                    const auto types = serving(test);
                    if (!types.empty()) each(field->key.text(), types);
                }
            } else if (const auto* nested = std::get_if<Nested>(&condition)) {
                for_each_indexable(*nested->filter, [&](const std::string& key, const auto& types) {
                    each(nested->key.text() + "[]." + key, types);
                });
            } else if (const auto* inner = std::get_if<std::shared_ptr<const Filter>>(&condition)) {
                for_each_indexable(**inner, each);
            }
        }
    }
}

}  // namespace halcyon::devstack::qdrant
