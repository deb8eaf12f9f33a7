#include "devstack/qdrant/read.hpp"

#include <algorithm>

#include "devstack/qdrant/datetime.hpp"
#include "devstack/qdrant/decode.hpp"

namespace halcyon::devstack::qdrant {
namespace {

constexpr auto shown = PayloadSelector::Kind::all;
constexpr auto hidden = PayloadSelector::Kind::none;

void write_vector(std::string& out, const Vector& vector) {
    out += '[';
    for (const float& x : vector) {
        if (&x != vector.data()) out += ',';
        write_number(out, x);
    }
    out += ']';
}

void write_record(std::string& out, const Collection& collection, const PointId& id, const Point& point,
                  const PayloadSelector& payload, const Json& with_vector) {
    out += "{\"id\":";
    id.json().write(out);
    write_payload(out, point, payload);
    write_vectors(out, collection, point, with_vector);
}

// Numbers and dates as one scale; empty for what has no place on it.
std::optional<double> rank(const std::string& type, const Json& value) {
    if (type != "datetime") return takes(type, value) ? value.number() : std::nullopt;
    const auto date = value.text() ? parse_datetime(*value.text()) : std::nullopt;
    return date ? std::optional(static_cast<double>(*date)) : std::nullopt;
}

constexpr std::string_view index_help =
    " Check https://qdrant.tech/documentation/concepts/indexing/#payload-index to see which payload schemas "
    "support ";

}  // namespace

void refuse_shard_key(const Json& request) {
    if (given(request, "shard_key")) throw not_here("shard keys");
}

Json parse_with_vector(const Json& request) {
    const Json* value = given(request, "with_vector");
    if (value == nullptr) value = given(request, "with_vectors");
    if (value == nullptr || value->boolean()) return value ? *value : Json();
    if (!value->array()) throw no_variant("WithVector");
    for (const Json& name : *value->array())
        if (!name.text()) throw no_variant("WithVector");
    return *value;
}

void write_payload(std::string& out, const Point& point, const PayloadSelector& selector) {
    if (!selector.shows()) return;
    out += ",\"payload\":";
    if (selector.kind == shown)
        point.payload.write(out);
    else
        selector.apply(point.payload).write(out);
}

void write_vectors(std::string& out, const Collection& collection, const Point& point,
                   const Json& with_vector) {
    const auto* names = with_vector.array();
    if (!names && !(with_vector.boolean() && *with_vector.boolean())) return;
    const auto& vectors = collection.config().vectors();
    if (names)
        for (const Json& name : *names) collection.slot(*name.text());
    out += ",\"vector\":";
    if (vectors.size() == 1 && vectors.front().name.empty()) {
        if (point.vectors.front().empty())
            out += "{}";
        else
            write_vector(out, point.vectors.front());
        return;
    }
    bool first = true;
    out += '{';
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        const bool wanted =
            !names || std::find(names->begin(), names->end(), Json(vectors[i].name)) != names->end();
        if (!wanted || point.vectors[i].empty()) continue;
        if (!std::exchange(first, false)) out += ',';
        write_text(out, vectors[i].name);
        out += ':';
        write_vector(out, point.vectors[i]);
    }
    out += '}';
}

Retrieve::Retrieve(const Json& request) {
    expect_object(request, "PointRequest");
    for (const Json& id : to_array(required(request, "ids"))) ids.push_back(PointId::from_json(id, true));
    payload = PayloadSelector::parse(request.find("with_payload"), hidden);
    with_vector = parse_with_vector(request);
    refuse_shard_key(request);
}

std::string Retrieve::run(const Collection& collection) const {
    std::string out = "[";
    for (const PointId& id : ids) {
        const auto at = collection.points().find(id);
        if (at == collection.points().end()) continue;
        if (out.size() > 1) out += ',';
        write_record(out, collection, id, at->second, payload, with_vector);
        out += '}';
    }
    return out += ']';
}

std::string read_one(const Collection& collection, const PointId& id) {
    const auto at = collection.points().find(id);
    if (at == collection.points().end()) throw not_found("Point with id " + id.text() + " does not exists!");
    std::string out;
    write_record(out, collection, id, at->second, PayloadSelector{shown, {}}, Json(true));
    return out += '}';
}

Scroll::Order parse_order(const Json& value) {
    if (value.text()) return {Path::parse(*value.text()), false, {}};
    const Json* key = value.find("key");
    if (key == nullptr || !key->text()) throw no_variant("OrderByInterface");
    Scroll::Order order{Path::parse(*key->text()), false, {}};
    if (const Json* direction = given(value, "direction")) {
        if (*direction != Json("asc") && *direction != Json("desc")) throw no_variant("OrderByInterface");
        order.descending = *direction == Json("desc");
    }
    if (const Json* start = given(value, "start_from")) {
        const bool date = start->text() && parse_datetime(*start->text());
        if (!date && !start->number()) throw no_variant("OrderByInterface");
        order.start_from = *start;
    }
    return order;
}

Scroll::Scroll(const Json& request) {
    expect_object(request, "ScrollRequest");
    if (const Json* from = given(request, "offset")) offset = PointId::from_json(*from, true);
    limit = unsigned_field(request, "limit").value_or(limit);
    filter = Filter::field(request, "filter");
    payload = PayloadSelector::parse(request.find("with_payload"), shown);
    with_vector = parse_with_vector(request);
    if (const Json* by = given(request, "order_by")) order = parse_order(*by);
    refuse_shard_key(request);
    if (limit == 0) throw out_of_range("scroll_request.limit", "0", "1");
}

std::string Scroll::run(const Collection& collection) const {
    check_limit(limit, collection.config().strict().query_limit, "limit");
    collection.check_filter(filter, false);
    if (order) return run_ordered(collection);
    const auto matcher = collection.matcher();
    const auto& points = collection.points();
    std::string out = "{\"points\":[";
    std::uint64_t count = 0;
    for (auto at = offset ? points.lower_bound(*offset) : points.begin(); at != points.end(); ++at) {
        if (filter && !matcher.holds(*filter, at->first, at->second)) continue;
        if (count == limit) {
            out += "],\"next_page_offset\":";
            at->first.json().write(out);
            return out += '}';
        }
        if (count++ > 0) out += ',';
        write_record(out, collection, at->first, at->second, payload, with_vector);
        out += '}';
    }
    return out += "],\"next_page_offset\":null}";
}

std::vector<Ordered> ordered_points(const Collection& collection, const Scroll::Order& order,
                                    const std::optional<Filter>& filter, std::uint64_t limit) {
    const auto index = collection.indexes().find(order.key.text());
    const std::string type = index == collection.indexes().end() ? "" : index->second.type;
    if (type != "integer" && type != "float" && type != "datetime")
        throw wrong_input("No range index for `order_by` key: `" + order.key.text() +
                          "`. Please create one to use `order_by`." + std::string(index_help) +
                          "Range conditions");
    const auto start = order.start_from.is_null() ? std::nullopt : rank(type, order.start_from);
    const auto matcher = collection.matcher();
    std::vector<std::pair<double, Ordered>> found;
    for (const auto& [id, point] : collection.points()) {
        if (filter && !matcher.holds(*filter, id, point)) continue;
        const auto take = [&](const Json& value) {
            const auto at = rank(type, value);
            if (!at || (start && (order.descending ? *at > *start : *at < *start))) return;
            // A date's order value is its microseconds.
            const Json shown_value = type == "datetime" ? Json(static_cast<std::int64_t>(*at)) : value;
            found.emplace_back(*at, Ordered{shown_value, &id, &point});
        };
        for (const Json* value : order.key.values(point.payload)) {
            if (const auto* items = value->array())
                std::for_each(items->begin(), items->end(), take);
            else
                take(*value);
        }
    }
    std::sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
        if (a.first != b.first) return order.descending ? a.first > b.first : a.first < b.first;
        return *a.second.id < *b.second.id;
    });
    std::vector<Ordered> out;
    for (auto& [at, each] : found) {
        if (out.size() == limit) break;
        out.push_back(std::move(each));
    }
    return out;
}

std::string Scroll::run_ordered(const Collection& collection) const {
    if (offset)
        throw bad_request(
            "Cannot use an `offset` when using `order_by`. The alternative for paging is to use "
            "`order_by.start_from` and a filter to exclude the IDs that you've already seen for the "
            "`order_by.start_from` value");
    std::string out = "{\"points\":[";
    const std::size_t empty = out.size();
    for (const Ordered& each : ordered_points(collection, *order, filter, limit)) {
        if (out.size() > empty) out += ',';
        write_record(out, collection, *each.id, *each.point, payload, with_vector);
        out += ",\"order_value\":";
        each.value.write(out);
        out += '}';
    }
    return out += "],\"next_page_offset\":null}";
}

Count::Count(const Json& request) {
    expect_object(request, "CountRequest");
    filter = Filter::field(request, "filter");
    if (const Json* exact = request.find("exact")) to_boolean(*exact);
    refuse_shard_key(request);
}

std::string Count::run(const Collection& collection) const {
    collection.check_filter(filter, false);
    const auto matcher = collection.matcher();
    const auto& points = collection.points();
    const auto count =
        !filter ? std::ssize(points) : std::count_if(points.begin(), points.end(), [&](const auto& entry) {
            return matcher.holds(*filter, entry.first, entry.second);
        });
    return "{\"count\":" + std::to_string(count) + "}";
}

Facet::Facet(const Json& request) {
    expect_object(request, "FacetRequest");
    key = Path::parse(to_text(required(request, "key")));
    limit = unsigned_field(request, "limit").value_or(limit);
    filter = Filter::field(request, "filter");
    boolean_field(request, "exact");
    refuse_shard_key(request);
    if (limit == 0) throw out_of_range("limit", "0", "1");
}

std::string Facet::run(const Collection& collection) const {
    collection.check_filter(filter, false);
    const auto index = collection.indexes().find(key.text());
    const std::string type = index == collection.indexes().end() ? "" : index->second.type;
    if (type != "keyword" && type != "integer" && type != "bool" && type != "uuid")
        throw wrong_input("No appropriate index for faceting: `" + key.text() +
                          "`. Please create one to facet on this field." + std::string(index_help) +
                          "Match conditions");
    const auto matcher = collection.matcher();
    std::map<std::string, std::uint64_t> counts;  // by the value's JSON text
    for (const auto& [id, point] : collection.points()) {
        if (filter && !matcher.holds(*filter, id, point)) continue;
        std::vector<std::string> seen;
        const auto take = [&](const Json& value) {
            if (value.array() || !takes(type, value)) return;
            std::string text;
            value.write(text);
            if (std::find(seen.begin(), seen.end(), text) != seen.end()) return;
            ++counts[text];
            seen.push_back(std::move(text));
        };
        for (const Json* value : key.values(point.payload)) {
            take(*value);
            if (value->array()) std::for_each(value->array()->begin(), value->array()->end(), take);
        }
    }
    std::vector<std::pair<std::string, std::uint64_t>> hits(counts.begin(), counts.end());
    std::sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    if (hits.size() > limit) hits.resize(limit);
    std::string out;
    for (const auto& [value, count] : hits)
        out +=
            (out.empty() ? "" : ",") + ("{\"value\":" + value) + ",\"count\":" + std::to_string(count) + "}";
    return "{\"hits\":[" + out + "]}";
}

}  // namespace halcyon::devstack::qdrant
