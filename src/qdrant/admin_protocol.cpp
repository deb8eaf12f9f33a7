#include "qdrant/admin_protocol.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <limits>

namespace halcyon::qdrant {

namespace json = boost::json;

namespace {

auto odd(std::string_view what) {
    return fail(Verdict::retry, Cause::unavailable,
                fmt::format("the answer about {} is not one of Qdrant's", what));
}

json::value parse(std::string_view text) {
    json::error_code error;
    auto value = json::parse(json::string_view(text.data(), text.size()), error);
    return error ? json::value() : value;
}

// The member at the end of a path of objects; null where a step is missing.
const json::value* at(const json::value& from, std::initializer_list<std::string_view> path) {
    const auto* value = &from;
    for (const auto name : path) {
        const auto* object = value->if_object();
        value = object ? object->if_contains(json::string_view(name.data(), name.size())) : nullptr;
        if (!value) return nullptr;
    }
    return value;
}

std::string text_at(const json::value& from, std::initializer_list<std::string_view> path) {
    const auto* value = at(from, path);
    const auto* text = value ? value->if_string() : nullptr;
    return text ? std::string(text->data(), text->size()) : std::string();
}

std::optional<std::uint64_t> number_at(const json::value& from,
                                       std::initializer_list<std::string_view> path) {
    const auto* value = at(from, path);
    if (!value || !value->is_number()) return {};
    json::error_code error;
    const auto number = value->to_number<std::uint64_t>(error);
    if (error) return {};
    return number;
}

bool flag_at(const json::value& from, std::initializer_list<std::string_view> path) {
    const auto* value = at(from, path);
    return value && value->is_bool() && value->get_bool();
}

json::object& member_object(json::object& object, std::string_view name) {
    auto& value = object[json::string_view(name.data(), name.size())];
    if (!value.is_object()) value = json::object();
    return value.get_object();
}

json::object halcyon_object(const Identity& i) {
    return {
        {"identity", i.identity}, {"created", i.created}, {"collection", i.collection}, {"epoch", i.epoch}};
}

std::optional<WriterMark> writer_mark(const json::value& config) {
    const auto* mark = at(config, {"metadata", "halcyon_writer"});
    if (!mark || !mark->is_object()) return {};
    return WriterMark{
        text_at(*mark, {"writer"}),
        text_at(*mark, {"run"}),
        text_at(*mark, {"since"}),
        number_at(*mark, {"beat"}).value_or(0),
        static_cast<std::int64_t>(std::min<std::uint64_t>(number_at(*mark, {"lease_ms"}).value_or(0),
                                                          std::numeric_limits<std::int64_t>::max())),
        flag_at(*mark, {"released"})};
}

std::optional<VectorInfo> vector_info(const json::value& v) {
    const auto size = number_at(v, {"size"});
    if (!size) return {};
    const auto* multivector = at(v, {"multivector_config"});
    return VectorInfo{*size, text_at(v, {"distance"}), multivector && !multivector->is_null()};
}

void read_vectors(const json::value& reply, CollectionInfo& info) {
    const auto* vectors = at(reply, {"result", "config", "params", "vectors"});
    if (!vectors) return;
    if (auto unnamed = vector_info(*vectors)) {
        info.vectors.emplace("", *unnamed);
        return;
    }
    const auto* named = vectors->if_object();
    if (!named) return;
    for (const auto& [name, v] : *named)
        if (auto one = vector_info(v)) info.vectors.emplace(std::string(name.data(), name.size()), *one);
}

std::string names_of(const CollectionInfo& info) {
    std::string names;
    for (const auto& [name, v] : info.vectors) {
        if (!names.empty()) names += ", ";
        names += name.empty() ? "(unnamed)" : name;
    }
    return names.empty() ? "none" : names;
}

}  // namespace

std::string_view spelled(Distance distance) {
    switch (distance) {
        case Distance::cosine:
            return "Cosine";
        case Distance::dot:
            return "Dot";
        case Distance::euclid:
            return "Euclid";
        case Distance::manhattan:
            return "Manhattan";
    }
    return "Cosine";
}

std::string first_physical(const CollectionName& name) { return name.value() + "__1"; }

Result<std::string> create_body(const CollectionSpec& spec, const Identity& identity) {
    auto body = parse(spec.create_json.empty() ? "{}" : spec.create_json);
    if (!body.is_object())
        return fail(Verdict::fatal, Cause::invalid,
                    fmt::format("collections.{}.create is no JSON object", spec.name.value()));
    auto& object = body.get_object();
    auto& vectors = member_object(object, "vectors");
    auto& vector =
        spec.vector_name && !spec.vector_name->empty() ? member_object(vectors, *spec.vector_name) : vectors;
    vector["size"] = spec.dimension;
    vector["distance"] = json::string(spelled(spec.distance).data(), spelled(spec.distance).size());
    member_object(object, "metadata")["halcyon"] = halcyon_object(identity);
    return json::serialize(body);
}

std::string metadata_body(const Identity& identity) {
    return json::serialize(json::object{{"metadata", json::object{{"halcyon", halcyon_object(identity)}}}});
}

std::string mark_body(const WriterMark& m) {
    const json::object mark{{"writer", m.writer}, {"run", m.run},           {"since", m.since},
                            {"beat", m.beat},     {"lease_ms", m.lease_ms}, {"released", m.released}};
    return json::serialize(json::object{{"metadata", json::object{{"halcyon_writer", mark}}}});
}

std::string index_body(std::string_view field, std::string_view schema) {
    auto parsed = parse(schema);
    json::object body;
    body["field_name"] = json::string(field.data(), field.size());
    if (parsed.is_object()) {
        body["field_schema"] = std::move(parsed);
    } else {
        body["field_schema"] = json::string(schema.data(), schema.size());
    }
    return json::serialize(body);
}

std::string index_type(std::string_view schema) {
    const auto parsed = parse(schema);
    return parsed.is_object() ? text_at(parsed, {"type"}) : std::string(schema);
}

std::string alias_body(std::string_view alias, std::string_view physical) {
    const json::object action{{"create_alias",
                               {{"collection_name", json::string_view(physical.data(), physical.size())},
                                {"alias_name", json::string_view(alias.data(), alias.size())}}}};
    return json::serialize(json::object{{"actions", json::array{action}}});
}

Result<CollectionInfo> parse_collection(const std::string& body) {
    const auto reply = parse(body);
    const auto* config = at(reply, {"result", "config"});
    if (!config) return odd("a collection");
    CollectionInfo info;
    read_vectors(reply, info);
    if (const auto* schema = at(reply, {"result", "payload_schema"}); schema && schema->is_object())
        for (const auto& [field, index] : schema->get_object())
            info.indexes.emplace(std::string(field.data(), field.size()), text_at(index, {"data_type"}));
    info.halcyon.identity = text_at(*config, {"metadata", "halcyon", "identity"});
    info.halcyon.created = text_at(*config, {"metadata", "halcyon", "created"});
    info.halcyon.collection = text_at(*config, {"metadata", "halcyon", "collection"});
    const auto epoch = number_at(*config, {"metadata", "halcyon", "epoch"}).value_or(0);
    if (epoch > std::numeric_limits<std::uint32_t>::max()) return odd("a collection");
    info.halcyon.epoch = static_cast<std::uint32_t>(epoch);
    info.writer = writer_mark(*config);
    info.deferred_points = number_at(reply, {"result", "update_queue", "deferred_points"}).value_or(0);
    info.prevents_unoptimized = flag_at(*config, {"optimizer_config", "prevent_unoptimized"});
    info.replicated = number_at(*config, {"params", "replication_factor"}).value_or(1) > 1;
    if (flag_at(*config, {"strict_mode_config", "enabled"})) {
        info.upsert_points = number_at(*config, {"strict_mode_config", "upsert_max_batchsize"});
        info.query_limit = number_at(*config, {"strict_mode_config", "max_query_limit"});
        info.condition_size = number_at(*config, {"strict_mode_config", "condition_max_size"});
        info.timeout_s = number_at(*config, {"strict_mode_config", "max_timeout"});
    }
    return info;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_aliases(const std::string& body) {
    const auto reply = parse(body);
    const auto* aliases = at(reply, {"result", "aliases"});
    if (!aliases || !aliases->is_array()) return odd("aliases");
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& one : aliases->get_array())
        pairs.emplace_back(text_at(one, {"alias_name"}), text_at(one, {"collection_name"}));
    return pairs;
}

Result<bool> parse_exists(const std::string& body) {
    const auto reply = parse(body);
    const auto* exists = at(reply, {"result", "exists"});
    if (!exists || !exists->is_bool()) return odd("a collection");
    return exists->get_bool();
}

Result<std::string> parse_version(const std::string& body) {
    auto version = text_at(parse(body), {"version"});
    if (version.empty()) return odd("the server's version");
    return version;
}

Result<bool> judge_version(std::string_view version) {
    unsigned major = 0;
    unsigned minor = 0;
    const auto* end = version.data() + version.size();
    const auto first = std::from_chars(version.data(), end, major);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return false;
    if (std::from_chars(first.ptr + 1, end, minor).ec != std::errc()) return false;
    if (major < 1 || (major == 1 && minor < 17))
        return fail(Verdict::fatal, Cause::unsupported,
                    fmt::format("Qdrant {} is too old: halcyon needs 1.17 or newer", version));
    return major == 1 && minor <= 19;
}

Result<> judge_vectors(const CollectionSpec& spec, std::string_view physical, const CollectionInfo& info) {
    const auto name = spec.vector_name.value_or("");
    const auto found = info.vectors.find(name);
    if (found == info.vectors.end())
        return fail(
            Verdict::fatal, Cause::invalid,
            fmt::format("collection `{}` has no {}; its vectors are: {}", physical,
                        name.empty() ? "unnamed vector" : fmt::format("vector `{}`", name), names_of(info)));
    const auto& vector = found->second;
    if (vector.multivector)
        return fail(
            Verdict::fatal, Cause::invalid,
            fmt::format("collection `{}` holds multivectors there, which halcyon does not write", physical));
    if (vector.size != spec.dimension)
        return fail(Verdict::fatal, Cause::dimension_mismatch,
                    fmt::format("collection `{}` holds vectors of {} dimensions, the embedder makes {}: "
                                "another model needs another collection",
                                physical, vector.size, spec.dimension));
    if (vector.distance != spelled(spec.distance))
        return fail(Verdict::fatal, Cause::invalid,
                    fmt::format("collection `{}` measures distance by {}, the settings say {}", physical,
                                vector.distance, spelled(spec.distance)));
    return success();
}

}  // namespace halcyon::qdrant
