#include "devstack/qdrant/config.hpp"

#include <limits>

#include "devstack/qdrant/decode.hpp"
#include "devstack/qdrant/path.hpp"

namespace halcyon::devstack::qdrant {
namespace {

enum class Type { boolean, whole, real, any };
struct Rule {
    std::string_view name;
    Type type = Type::whole;
    double low = 0;
    double high = std::numeric_limits<double>::infinity();
};

constexpr Rule hnsw_rules[] = {{"m"},
                               {"ef_construct", Type::whole, 4},
                               {"full_scan_threshold", Type::whole, 10},
                               {"max_indexing_threads"},
                               {"on_disk", Type::boolean},
                               {"payload_m"},
                               {"inline_storage", Type::boolean}};
constexpr Rule wal_rules[] = {
    {"wal_capacity_mb", Type::whole, 1}, {"wal_segments_ahead"}, {"wal_retain_closed", Type::whole, 1}};
constexpr Rule optimizer_rules[] = {{"deleted_threshold", Type::real, 0, 1},
                                    {"vacuum_min_vector_number", Type::whole, 100},
                                    {"default_segment_number"},
                                    {"max_segment_size", Type::whole, 1},
                                    {"memmap_threshold"},
                                    {"indexing_threshold"},
                                    {"flush_interval_sec"},
                                    {"max_optimization_threads", Type::any},
                                    {"prevent_unoptimized", Type::boolean}};
constexpr Rule strict_rules[] = {{"enabled", Type::boolean},
                                 {"max_query_limit", Type::whole, 1},
                                 {"max_timeout", Type::whole, 1},
                                 {"unindexed_filtering_retrieve", Type::boolean},
                                 {"unindexed_filtering_update", Type::boolean},
                                 {"search_max_hnsw_ef"},
                                 {"search_allow_exact", Type::boolean},
                                 {"search_max_oversampling", Type::real},
                                 {"upsert_max_batchsize"},
                                 {"search_max_batchsize"},
                                 {"max_collection_vector_size_bytes"},
                                 {"read_rate_limit", Type::whole, 1},
                                 {"write_rate_limit", Type::whole, 1},
                                 {"max_collection_payload_size_bytes"},
                                 {"max_points_count", Type::whole, 1},
                                 {"filter_max_conditions"},
                                 {"condition_max_size"},
                                 {"multivector_config", Type::any},
                                 {"sparse_config", Type::any},
                                 {"max_payload_index_count"}};
constexpr Rule params_rules[] = {{"replication_factor", Type::whole, 1},
                                 {"write_consistency_factor", Type::whole, 1},
                                 {"read_fan_out_factor"},
                                 {"read_fan_out_delay_ms"},
                                 {"on_disk_payload", Type::boolean}};

// Lays the fields that `request` gives over `shown`; unknown ones are passed over, as the real server does.
template <std::size_t N>
void overlay(Json& shown, const Json& request, const Rule (&rules)[N], const std::string& where) {
    expect_object(request, where);
    for (const Rule& rule : rules) {
        const Json* value = given(request, rule.name);
        if (value == nullptr) continue;
        if (rule.type == Type::boolean) to_boolean(*value);
        if (rule.type == Type::whole || rule.type == Type::real) {
            const double number =
                rule.type == Type::whole ? static_cast<double>(to_unsigned(*value)) : to_number(*value);
            if (number < rule.low || number > rule.high) {
                std::string text;
                value->write(text);
                const auto bound = [](double b) { return std::to_string(static_cast<int>(b)); };
                const bool open = rule.high == std::numeric_limits<double>::infinity();
                throw out_of_range(where + "." + std::string(rule.name), text, bound(rule.low),
                                   open ? "" : bound(rule.high));
            }
        }
        shown.set(rule.name, *value);
    }
}

void check_quantization(const Json& value) {
    const Refused unknown = no_variant("QuantizationConfig");
    if (!value.object() || value.object()->size() != 1) throw unknown;
    const auto& [kind, settings] = value.object()->front();
    if ((kind != "scalar" && kind != "product" && kind != "binary") || !settings.object()) throw unknown;
    if (kind == "scalar" && (!settings.find("type") || *settings.find("type") != Json("int8"))) throw unknown;
    if (kind == "product" && !settings.find("compression")) throw unknown;
}

std::optional<Distance> parse_distance(const Json* value) {
    constexpr std::pair<std::string_view, Distance> names[] = {{"Cosine", Distance::cosine},
                                                               {"Dot", Distance::dot},
                                                               {"Euclid", Distance::euclid},
                                                               {"Manhattan", Distance::manhattan}};
    if (value == nullptr || !value->text()) return std::nullopt;
    for (const auto& [name, distance] : names)
        if (*value->text() == name) return distance;
    return std::nullopt;
}

// `path` is the place in the request, for the refusal of a size.
VectorParams parse_vector(const Json& request, const std::string& name, const std::string& path,
                          Json& shown) {
    const Json* size = request.find("size");
    const auto dimension = size ? size->unsigned_integer() : std::nullopt;
    const auto distance = parse_distance(request.find("distance"));
    if (!dimension || *dimension == 0 || !distance) throw no_variant("VectorsConfig");
    if (*dimension > 65536) throw out_of_range(path + ".size", std::to_string(*dimension), "1", "65536");
    if (given(request, "multivector_config")) throw not_here("multivectors");
    shown.set("size", *size);
    shown.set("distance", *request.find("distance"));
    if (const Json* hnsw = given(request, "hnsw_config")) {
        Json part = Json::Object{};
        overlay(part, *hnsw, hnsw_rules, path + ".hnsw_config");
        shown.set("hnsw_config", std::move(part));
    }
    if (const Json* quantization = given(request, "quantization_config")) {
        check_quantization(*quantization);
        shown.set("quantization_config", *quantization);
    }
    if (const auto on_disk = boolean_field(request, "on_disk")) shown.set("on_disk", *on_disk);
    if (const Json* datatype = given(request, "datatype")) {
        expect_variant(*datatype, {"float32", "uint8", "float16"});
        if (*datatype != Json("float32")) throw not_here("datatypes other than float32");
        shown.set("datatype", *datatype);
    }
    return {name, static_cast<std::size_t>(*dimension), *distance};
}

Json defaults() {
    return parse(R"({
        "params": {"vectors": {}, "shard_number": 1, "replication_factor": 1, "write_consistency_factor": 1,
                   "on_disk_payload": true},
        "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000, "max_indexing_threads": 0,
                        "on_disk": false},
        "optimizer_config": {"deleted_threshold": 0.2, "vacuum_min_vector_number": 1000,
                             "default_segment_number": 2, "max_segment_size": null, "memmap_threshold": null,
                             "indexing_threshold": 10000, "flush_interval_sec": 5,
                             "max_optimization_threads": null, "prevent_unoptimized": null},
        "wal_config": {"wal_capacity_mb": 32, "wal_segments_ahead": 0, "wal_retain_closed": 1},
        "quantization_config": null})");
}

void merge_metadata(Json& shown, const Json& request) {
    const Json* metadata = given(request, "metadata");
    if (metadata == nullptr) return;
    if (!metadata->object()) throw wrong_type(*metadata, "a map");
    if (!shown.find("metadata")) shown.set("metadata", Json::Object{});
    merge_fields(*shown.find("metadata"), *metadata);
}

}  // namespace

CollectionConfig CollectionConfig::create(const Json& request) {
    // serde reads a struct from a sequence too, and finds the recorded 7th field missing.
    if (request.array())
        throw format_error("invalid length 6, expected struct CreateCollection with 14 elements");
    expect_object(request, "CreateCollection");
    CollectionConfig config;
    config.shown_ = defaults();
    Json& params = *config.shown_.find("params");
    Json& shown = *params.find("vectors");
    if (const Json* vectors = given(request, "vectors")) {
        if (!vectors->object()) throw no_variant("VectorsConfig");
        if (vectors->find("size") || vectors->find("distance")) {
            config.vectors_.push_back(parse_vector(*vectors, "", "vectors", shown));
        } else {
            for (const auto& [name, each] : *vectors->object()) {
                if (!each.object()) throw no_variant("VectorsConfig");
                Json part = Json::Object{};
                config.vectors_.push_back(parse_vector(each, name, "vectors." + name, part));
                shown.set(name, std::move(part));
            }
        }
    }
    if (const Json* sparse = given(request, "sparse_vectors")) {
        if (!sparse->object() || !sparse->object()->empty()) throw not_here("sparse vectors");
    }
    if (const Json* method = given(request, "sharding_method")) {
        expect_variant(*method, {"auto", "custom"});
        if (*method == Json("custom")) throw not_here("custom sharding");
    }
    if (const auto shards = unsigned_field(request, "shard_number", "u32")) {
        if (*shards == 0) throw out_of_range("shard_number", "0", "1");
        params.set("shard_number", *shards);
    }
    overlay(params, request, params_rules, "CreateCollection");
    if (const Json* part = given(request, "hnsw_config"))
        overlay(*config.shown_.find("hnsw_config"), *part, hnsw_rules, "hnsw_config");
    if (const Json* part = given(request, "wal_config"))
        overlay(*config.shown_.find("wal_config"), *part, wal_rules, "wal_config");
    if (const Json* part = given(request, "optimizers_config"))
        overlay(*config.shown_.find("optimizer_config"), *part, optimizer_rules, "optimizers_config");
    if (const Json* quantization = given(request, "quantization_config")) {
        check_quantization(*quantization);
        config.shown_.set("quantization_config", *quantization);
    }
    if (const Json* strict = given(request, "strict_mode_config")) {
        Json part = Json::Object{};
        overlay(part, *strict, strict_rules, "strict_mode_config");
        config.shown_.set("strict_mode_config", std::move(part));
    }
    merge_metadata(config.shown_, request);
    config.read_strict();
    return config;
}

void CollectionConfig::update(const Json& request) {
    expect_object(request, "UpdateCollection");
    Json shown = shown_;  // a refusal must leave the old one whole
    Json& params = *shown.find("params");
    if (const Json* vectors = given(request, "vectors")) {
        expect_object(*vectors, "VectorsConfigDiff");
        for (const auto& [name, diff] : *vectors->object()) {
            const bool unnamed = vectors_.size() == 1 && vectors_.front().name.empty() && name.empty();
            Json* part = unnamed ? params.find("vectors") : params.find("vectors")->find(name);
            if (part == nullptr || !part->object())
                throw wrong_input("Not existing vector name error: " + name);
            if (const Json* hnsw = given(diff, "hnsw_config")) {
                if (!part->find("hnsw_config")) part->set("hnsw_config", Json::Object{});
                overlay(*part->find("hnsw_config"), *hnsw, hnsw_rules, "vectors." + name + ".hnsw_config");
            }
            if (const auto on_disk = boolean_field(diff, "on_disk")) part->set("on_disk", *on_disk);
            if (const Json* quantization = given(diff, "quantization_config")) {
                check_quantization(*quantization);
                part->set("quantization_config", *quantization);
            }
        }
    }
    if (const Json* sparse = given(request, "sparse_vectors")) {
        if (!sparse->object() || !sparse->object()->empty()) throw not_here("sparse vectors");
    }
    if (const Json* part = given(request, "params")) overlay(params, *part, params_rules, "params");
    if (const Json* part = given(request, "hnsw_config"))
        overlay(*shown.find("hnsw_config"), *part, hnsw_rules, "hnsw_config");
    if (const Json* part = given(request, "optimizers_config"))
        overlay(*shown.find("optimizer_config"), *part, optimizer_rules, "optimizers_config");
    if (const Json* quantization = given(request, "quantization_config")) {
        const bool off = *quantization == Json("Disabled");
        if (!off) check_quantization(*quantization);
        shown.set("quantization_config", off ? Json() : *quantization);
    }
    if (const Json* strict = given(request, "strict_mode_config")) {
        if (!shown.find("strict_mode_config")) shown.set("strict_mode_config", Json::Object{});
        overlay(*shown.find("strict_mode_config"), *strict, strict_rules, "strict_mode_config");
    }
    merge_metadata(shown, request);
    shown_ = std::move(shown);
    read_strict();
}

void CollectionConfig::read_strict() {
    strict_ = {};
    const Json* shown = shown_.find("strict_mode_config");
    if (shown == nullptr || !boolean_field(*shown, "enabled").value_or(false)) return;
    strict_.upsert_batch = unsigned_field(*shown, "upsert_max_batchsize");
    strict_.query_limit = unsigned_field(*shown, "max_query_limit");
    strict_.timeout = unsigned_field(*shown, "max_timeout");
    strict_.hnsw_ef = unsigned_field(*shown, "search_max_hnsw_ef");
    strict_.exact = boolean_field(*shown, "search_allow_exact").value_or(true);
    strict_.unindexed_read = boolean_field(*shown, "unindexed_filtering_retrieve").value_or(true);
    strict_.unindexed_update = boolean_field(*shown, "unindexed_filtering_update").value_or(true);
}

}  // namespace halcyon::devstack::qdrant
