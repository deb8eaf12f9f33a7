#include <algorithm>
#include <cctype>
#include <cmath>
#include <numbers>

#include "devstack/qdrant/datetime.hpp"
#include "devstack/qdrant/filter.hpp"

namespace halcyon::devstack::qdrant {
namespace {

bool equal(const Json& stored, const Json& wanted) {
    // Integers match integers only: 5.0 in a payload is no 5.
    if (stored.is_integer() && wanted.is_integer()) return stored.integer() == wanted.integer();
    return stored == wanted;
}

double metres_between(double lon1, double lat1, double lon2, double lat2) {
    constexpr double radius = 6371008.8, rad = std::numbers::pi / 180;
    const double x = std::sin((lat2 - lat1) * rad / 2), y = std::sin((lon2 - lon1) * rad / 2);
    return 2 * radius * std::asin(std::sqrt(x * x + std::cos(lat1 * rad) * std::cos(lat2 * rad) * y * y));
}

struct Value {
    const Json& value;
    bool text_indexed;

    bool operator()(const MatchValue& match) const { return equal(value, match.value); }
    bool operator()(const MatchAny& any) const {
        if (value.is_null()) return false;
        const bool found = std::any_of(any.values.begin(), any.values.end(),
                                       [&](const Json& wanted) { return equal(value, wanted); });
        return found != any.except;
    }
    bool operator()(const MatchText& match) const {
        if (!value.text()) return false;
        if (!text_indexed) return value.text()->find(match.text) != std::string::npos;
        const auto stored = words(*value.text()), wanted = words(match.text);
        const auto there = [&](const std::string& word) {
            return std::find(stored.begin(), stored.end(), word) != stored.end();
        };
        switch (match.kind) {
            case MatchText::Kind::any_word:
                return std::any_of(wanted.begin(), wanted.end(), there);
            case MatchText::Kind::phrase:
                return std::search(stored.begin(), stored.end(), wanted.begin(), wanted.end()) !=
                       stored.end();
            default:
                return !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), there);
        }
    }
    bool operator()(const NumberRange& range) const {
        const auto number = value.number();
        return number && range.hold(*number);
    }
    bool operator()(const DateRange& range) const {
        const auto date = value.text() ? parse_datetime(*value.text()) : std::nullopt;
        return date && range.hold(*date);
    }
    std::optional<std::pair<double, double>> place() const {
        const Json *lon = value.find("lon"), *lat = value.find("lat");
        if (!lon || !lat || !lon->number() || !lat->number()) return std::nullopt;
        return std::pair(*lon->number(), *lat->number());
    }
    bool operator()(const GeoCircle& circle) const {
        const auto at = place();
        return at && metres_between(at->first, at->second, circle.lon, circle.lat) < circle.metres;
    }
    bool operator()(const GeoBox& box) const {
        const auto at = place();
        if (!at || at->second > box.north || at->second < box.south) return false;
        // A box over the date line has its western edge east of the eastern one.
        return box.west > box.east ? at->first >= box.west || at->first <= box.east
                                   : at->first >= box.west && at->first <= box.east;
    }
    template <class Whole>
    bool operator()(const Whole&) const {
        return false;
    }
};

// Tests of the whole field; the others ask value by value.
struct Field {
    const std::vector<const Json*>& values;
    bool text_indexed;

    bool operator()(const IsEmpty& test) const {
        const bool empty = std::all_of(values.begin(), values.end(), [](const Json* value) {
            return value->is_null() || (value->array() && value->array()->empty());
        });
        return empty == test.wanted;
    }
    bool operator()(const IsNull& test) const {
        const auto null = [](const Json& value) { return value.is_null(); };
        const bool found = std::any_of(values.begin(), values.end(), [&](const Json* value) {
            return null(*value) ||
                   (value->array() && std::any_of(value->array()->begin(), value->array()->end(), null));
        });
        return found == test.wanted;
    }
    bool operator()(const CountRange& range) const {
        if (values.empty()) return range.hold(0);
        return std::any_of(values.begin(), values.end(), [&](const Json* value) {
            if (value->is_null()) return range.hold(0);
            return range.hold(value->array() ? value->array()->size() : 1);
        });
    }
    template <class Each>
    bool operator()(const Each& test) const {
        return std::any_of(values.begin(), values.end(), [&](const Json* value) {
            if (!value->array()) return Value{*value, text_indexed}(test);
            return std::any_of(value->array()->begin(), value->array()->end(),
                               [&](const Json& item) { return Value{item, text_indexed}(test); });
        });
    }
};

struct Scope {
    const Matcher& matcher;
    const PointId& id;
    const Point& point;
    const Json& payload;  // the point's, or an element of an array below `nested`

    bool holds(const Filter& filter) const {
        const auto one = [this](const Condition& condition) { return std::visit(*this, condition); };
        const auto& [must, should, must_not, min_should, min_count] = filter;
        if (!std::all_of(must.begin(), must.end(), one)) return false;
        if (std::any_of(must_not.begin(), must_not.end(), one)) return false;
        if (!should.empty() && !std::any_of(should.begin(), should.end(), one)) return false;
        return std::cmp_greater_equal(std::count_if(min_should.begin(), min_should.end(), one), min_count);
    }

    bool operator()(const FieldCondition& condition) const {
        const auto values = condition.key.values(payload);
        const auto index = matcher.indexes.find(condition.key.text());
        const bool text = index != matcher.indexes.end() && index->second.type == "text";
        return std::any_of(condition.tests.begin(), condition.tests.end(),
                           [&](const auto& test) { return std::visit(Field{values, text}, test); });
    }
    bool operator()(const HasId& has) const { return has.ids.contains(id); }
    bool operator()(const HasVector& has) const {
        const auto& names = matcher.vector_names;
        const auto at = std::find(names.begin(), names.end(), has.name);
        return at != names.end() && !point.vectors[static_cast<std::size_t>(at - names.begin())].empty();
    }
    bool operator()(const Nested& nested) const {
        for (const Json* value : nested.key.values(payload)) {
            if (value->object() && below(*value, *nested.filter)) return true;
            if (!value->array()) continue;
            for (const Json& item : *value->array())
                if (item.object() && below(item, *nested.filter)) return true;
        }
        return false;
    }
    bool operator()(const std::shared_ptr<const Filter>& inner) const { return holds(*inner); }

    bool below(const Json& element, const Filter& filter) const {
        return Scope{matcher, id, point, element}.holds(filter);
    }
};

}  // namespace

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    std::string word;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 || std::isalnum(byte)) {
            word += static_cast<char>(byte < 0x80 ? std::tolower(byte) : byte);
        } else if (!word.empty()) {
            out.push_back(std::exchange(word, {}));
        }
    }
    if (!word.empty()) out.push_back(std::move(word));
    return out;
}

bool Matcher::holds(const Filter& filter, const PointId& id, const Point& point) const {
    return Scope{*this, id, point, point.payload}.holds(filter);
}

}  // namespace halcyon::devstack::qdrant
