#include "devstack/qdrant/query.hpp"

#include <algorithm>
#include <cmath>

#include "devstack/qdrant/decode.hpp"

namespace halcyon::devstack::qdrant {
namespace {

struct Hit {
    float score;
    const PointId* id;
    const Point* point;
};

float score_of(Distance distance, const Vector& a, const Vector& b) {
    float sum = 0;
    const std::size_t size = a.size();
    switch (distance) {
        case Distance::euclid:
            for (std::size_t i = 0; i < size; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
            return std::sqrt(sum);
        case Distance::manhattan:
            for (std::size_t i = 0; i < size; ++i) sum += std::abs(a[i] - b[i]);
            return sum;
        default:
            for (std::size_t i = 0; i < size; ++i) sum += a[i] * b[i];
            return sum;
    }
}

bool larger_is_nearer(Distance distance) { return distance == Distance::cosine || distance == Distance::dot; }

Vector parse_vector(const Json& value, std::string_view variant) {
    Vector out;
    for (const Json& item : *value.array()) {
        if (item.array()) throw not_here("multivectors");
        if (!item.number()) throw no_variant(std::string(variant));
        out.push_back(static_cast<float>(*item.number()));
    }
    if (out.empty()) throw invalid("query: dense vector must not be empty");
    return out;
}

decltype(Query::ask) parse_ask(const Json& value) {
    if (value.array()) return parse_vector(value, "QueryInterface");
    if (value.text() || value.is_number()) {
        try {
            return PointId::from_json(value, true);
        } catch (const Refused&) {
            throw no_variant("QueryInterface");
        }
    }
    if (const Json* nearest = value.find("nearest")) {
        if (given(value, "mmr")) throw not_here("mmr");
        return parse_ask(*nearest);
    }
    if (const Json* order = value.find("order_by")) return parse_order(*order);
    for (const auto name :
         {"recommend", "discover", "context", "fusion", "rrf", "formula", "sample", "indices", "text"})
        if (value.find(name)) throw not_here(std::string("queries of the kind `") + name + "`");
    throw no_variant("QueryInterface");
}

void write_hit(std::string& out, const Collection& collection, const Query& query, const Hit& hit,
               bool version) {
    out += "{\"id\":";
    hit.id->json().write(out);
    out += ",\"version\":" + std::to_string(version ? hit.point->version : 0) + ",\"score\":";
    write_number(out, hit.score);
    write_payload(out, *hit.point, query.payload);
    write_vectors(out, collection, *hit.point, query.with_vector);
}

}  // namespace

void Query::read_common(const Json& request) {
    filter = Filter::field(request, "filter");
    score_threshold = number_field(request, "score_threshold");
    offset = unsigned_field(request, "offset").value_or(0);
    payload = PayloadSelector::parse(request.find("with_payload"), PayloadSelector::Kind::none);
    with_vector = parse_with_vector(request);
    refuse_shard_key(request);
    if (const Json* params = given(request, "params")) {
        expect_object(*params, "SearchParams");
        hnsw_ef = unsigned_field(*params, "hnsw_ef");
        exact = boolean_field(*params, "exact").value_or(false);
        boolean_field(*params, "indexed_only");
        if (const Json* quantization = given(*params, "quantization"))
            expect_object(*quantization, "QuantizationSearchParams");
    }
}

Query Query::parse(const Json& request) {
    expect_object(request, "QueryRequest");
    Query query;
    if (const Json* prefetch = given(request, "prefetch")) {
        if (!prefetch->array() || !prefetch->array()->empty()) throw not_here("prefetch");
    }
    if (given(request, "lookup_from")) throw not_here("lookup_from");
    if (const Json* ask = given(request, "query")) query.ask = parse_ask(*ask);
    if (const Json* name = given(request, "using")) query.using_vector = to_text(*name);
    query.limit = unsigned_field(request, "limit").value_or(query.limit);
    query.read_common(request);
    if (query.limit == 0) throw out_of_range("internal.limit", "0", "1");
    return query;
}

Query Query::parse_search(const Json& request) {
    expect_object(request, "SearchRequest");
    Query query;
    const Json* vector = &required(request, "vector");
    if (vector->object()) {
        query.using_vector = to_text(required(*vector, "name"));
        vector = &required(*vector, "vector");
    }
    if (!vector->array()) throw no_variant("NamedVectorStruct");
    query.ask = parse_vector(*vector, "NamedVectorStruct");
    query.limit = to_unsigned(required(request, "limit"));
    query.read_common(request);
    if (query.limit == 0) throw out_of_range("search_request.limit", "0", "1");
    return query;
}

std::string Query::run(const Collection& collection) const {
    const StrictMode& strict = collection.config().strict();
    check_limit(limit, strict.query_limit, "limit");
    if (hnsw_ef) check_limit(*hnsw_ef, strict.hnsw_ef, "hnsw_ef");
    if (exact && !strict.exact) throw bad_request("Exact search disabled! Help: Set exact=false.");
    collection.check_filter(filter, false);

    std::vector<Hit> hits;
    const bool searched =
        !std::holds_alternative<Everything>(ask) && !std::holds_alternative<Scroll::Order>(ask);
    const auto matcher = collection.matcher();
    std::vector<Json> order_values;
    if (const auto* order = std::get_if<Scroll::Order>(&ask)) {
        for (Ordered& each : ordered_points(collection, *order, filter, limit + offset)) {
            hits.push_back({1, each.id, each.point});
            order_values.push_back(std::move(each.value));
        }
    } else if (!searched) {
        for (const auto& [id, point] : collection.points()) {
            if (hits.size() == limit + offset) break;
            if (!filter || matcher.holds(*filter, id, point)) hits.push_back({1, &id, &point});
        }
    } else {
        const PointId* self = std::get_if<PointId>(&ask);
        const Point* like = nullptr;
        if (self) {
            const auto at = collection.points().find(*self);
            if (at == collection.points().end())
                throw not_found("No point with id " + self->text() + " found");
            like = &at->second;
        }
        const std::size_t slot = collection.slot(using_vector);
        const VectorParams& params = collection.config().vectors()[slot];
        if (like && like->vectors[slot].empty())
            throw wrong_input("Not existing vector name error: " + using_vector);
        Vector vector = like ? like->vectors[slot] : std::get<Vector>(ask);
        if (vector.size() != params.size)
            throw wrong_input("Vector dimension error: expected dim: " + std::to_string(params.size) +
                              ", got " + std::to_string(vector.size()));
        if (params.distance == Distance::cosine) normalise(vector);
        const bool larger = larger_is_nearer(params.distance);
        for (const auto& [id, point] : collection.points()) {
            if (point.vectors[slot].empty() || (self && id == *self)) continue;
            if (filter && !matcher.holds(*filter, id, point)) continue;
            const float score = score_of(params.distance, vector, point.vectors[slot]);
            if (score_threshold && (larger ? score < *score_threshold : score > *score_threshold)) continue;
            hits.push_back({score, &id, &point});
        }
        const std::size_t wanted = std::min<std::size_t>(hits.size(), limit + offset);
        std::partial_sort(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(wanted), hits.end(),
                          [&](const Hit& a, const Hit& b) {
                              if (a.score != b.score) return larger ? a.score > b.score : a.score < b.score;
                              return *a.id < *b.id;
                          });
        hits.resize(wanted);
    }

    std::string out = "[";
    for (std::size_t i = offset; i < hits.size(); ++i) {
        if (i > offset) out += ',';
        write_hit(out, collection, *this, hits[i], searched);
        if (!order_values.empty()) {
            out += ",\"order_value\":";
            order_values[i].write(out);
        }
        out += '}';
    }
    return out += ']';
}

}  // namespace halcyon::devstack::qdrant
