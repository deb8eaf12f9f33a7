#include "devstack/qdrant/decode.hpp"
#include "devstack/qdrant/update.hpp"

namespace halcyon::devstack::qdrant {
namespace {

using Vectors = std::vector<std::pair<std::string, Vector>>;

void refuse_shard_key(const Json& key) {
    if (!key.is_null()) throw not_here("shard keys");
}

Vector parse_dense(Reader& reader) {
    Vector out;
    reader.array([&] {
        if (reader.peek() == '[') throw not_here("multivectors");
        const auto number = reader.real();
        if (!number)
            throw format_error("data did not match any variant of untagged enum VectorStruct", false);
        out.push_back(*number);
    });
    return out;
}

// `path` is the place in the request, for the refusal of an empty vector.
Vectors parse_vectors(Reader& reader, const std::string& path) {
    Vectors out;
    const auto add = [&](std::string_view name) {
        if (reader.peek() == '{') throw not_here("sparse vectors and inference");
        if (reader.peek() != '[')
            throw format_error("data did not match any variant of untagged enum VectorStruct", false);
        Vector vector = parse_dense(reader);
        if (vector.empty()) throw invalid(path + ".vector: dense vector must not be empty");
        out.emplace_back(std::string(name), std::move(vector));
    };
    if (reader.peek() == '{')
        reader.object(add);
    else
        add("");
    return out;
}

Json parse_payload(Reader& reader) {
    Json payload = reader.value();
    if (!payload.object() && !payload.is_null())
        throw format_error("invalid type: " + unexpected(payload) + ", expected a map", false);
    return payload;
}

NewPoint parse_point(Reader& reader, std::size_t index) {
    NewPoint point;
    bool has_id = false, has_vector = false;
    if (reader.peek() != '{') throw format_error("invalid type, expected struct PointStruct", false);
    reader.object([&](std::string_view name) {
        if (name == "id") {
            point.id = PointId::from_json(reader.value(), false);
            has_id = true;
        } else if (name == "vector") {
            point.vectors = parse_vectors(reader, "points[" + std::to_string(index) + "].vector");
            has_vector = true;
        } else if (name == "payload") {
            point.payload = parse_payload(reader);
        } else {
            reader.skip();
        }
    });
    if (!has_id) throw format_error("missing field `id`", false);
    if (!has_vector) throw format_error("missing field `vector`", false);
    return point;
}

std::vector<NewPoint> parse_points(Reader& reader) {
    std::vector<NewPoint> out;
    reader.array([&] { out.push_back(parse_point(reader, out.size())); });
    return out;
}

// One column of vectors per name; the unnamed column where the request has a plain list.
using Columns = std::vector<std::pair<std::string, std::vector<Vectors>>>;

Columns parse_columns(Reader& reader) {
    Columns columns;
    const auto column = [&](std::string_view name) {
        auto& rows = columns.emplace_back(std::string(name), std::vector<Vectors>{}).second;
        reader.array([&] {
            if (reader.peek() != '[')
                throw format_error("data did not match any variant of untagged enum BatchVectorStruct",
                                   false);
            rows.push_back(parse_vectors(reader, "batch.vectors"));
        });
    };
    if (reader.peek() == '{')
        reader.object(column);
    else
        column("");
    return columns;
}

std::vector<NewPoint> parse_point_columns(Reader& reader) {
    std::vector<NewPoint> points;
    Columns columns;
    std::optional<std::vector<Json>> payloads;
    bool has_ids = false, has_vectors = false;
    reader.object([&](std::string_view name) {
        if (name == "ids") {
            has_ids = true;
            reader.array([&] { points.emplace_back().id = PointId::from_json(reader.value(), false); });
        } else if (name == "vectors") {
            has_vectors = true;
            columns = parse_columns(reader);
        } else if (name == "payloads" && reader.peek() == '[') {
            payloads.emplace();
            reader.array([&] { payloads->push_back(parse_payload(reader)); });
        } else {
            reader.skip();
        }
    });
    if (!has_ids) throw format_error("missing field `ids`", false);
    if (!has_vectors) throw format_error("missing field `vectors`", false);
    const auto count = [&](std::string_view what, std::size_t found) {
        if (found != points.size())
            throw invalid("batch.batch: number of ids and " + std::string(what) + " must be equal (" +
                          std::to_string(points.size()) + " != " + std::to_string(found) + ")");
    };
    for (auto& [name, rows] : columns) {
        count("vectors", rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i)
            points[i].vectors.emplace_back(name, std::move(rows[i].front().second));
    }
    if (payloads) {
        count("payloads", payloads->size());
        for (std::size_t i = 0; i < points.size(); ++i) points[i].payload = std::move((*payloads)[i]);
    }
    return points;
}

Upsert::Mode parse_mode(const Json& value) {
    if (value.is_null()) return Upsert::Mode::upsert;
    expect_variant(value, {"upsert", "insert_only", "update_only"});
    if (*value.text() == "insert_only") return Upsert::Mode::insert_only;
    return *value.text() == "update_only" ? Upsert::Mode::update_only : Upsert::Mode::upsert;
}

Upsert parse_upsert(Reader& reader) {
    Upsert upsert;
    bool has_points = false;
    const Refused unknown =
        format_error("data did not match any variant of untagged enum PointInsertOperations", false);
    if (reader.peek() != '{') throw unknown;
    reader.object([&](std::string_view name) {
        if (name == "points" && reader.peek() == '[') {
            upsert.points = parse_points(reader);
            has_points = true;
        } else if (name == "batch" && reader.peek() == '{') {
            upsert.points = parse_point_columns(reader);
            has_points = true;
        } else if (name == "update_filter") {
            const Json filter = reader.value();
            if (!filter.is_null()) upsert.update_filter = Filter::parse(filter);
        } else if (name == "update_mode") {
            upsert.mode = parse_mode(reader.value());
        } else if (name == "shard_key") {
            refuse_shard_key(reader.value());
        } else {
            reader.skip();
        }
    });
    if (!has_points) throw unknown;
    return upsert;
}

std::vector<PointId> parse_ids(const Json& list) {
    std::vector<PointId> ids;
    for (const Json& id : to_array(list)) ids.push_back(PointId::from_json(id, false));
    return ids;
}

Selector parse_selector(const Json& request) {
    const Refused unknown =
        format_error("data did not match any variant of untagged enum PointsSelector", false);
    if (const Json* key = request.find("shard_key")) refuse_shard_key(*key);
    try {
        Selector selector;
        if (const Json* ids = request.find("points")) {
            selector.ids = parse_ids(*ids);
            return selector;
        }
        if (const Json* filter = request.find("filter")) {
            selector.filter = Filter::parse(*filter);
            return selector;
        }
    } catch (const Refused& refused) {
        if (refused.status() != 400) throw;
    }
    throw unknown;
}

Selector parse_ids_or_filter(const Json& request) {
    Selector selector;
    if (const Json* key = request.find("shard_key")) refuse_shard_key(*key);
    if (const Json* ids = given(request, "points"))
        selector.ids = parse_ids(*ids);
    else if (const Json* filter = given(request, "filter"))
        selector.filter = Filter::parse(*filter);
    else
        throw format_error("Either list of point ids or filter must be provided", false);
    return selector;
}

SetPayload parse_set_payload(const Json& request, bool overwrite) {
    expect_object(request, "SetPayload");
    SetPayload set;
    set.payload = required(request, "payload");
    if (!set.payload.object()) throw wrong_type(set.payload, "a map");
    set.points = parse_ids_or_filter(request);
    set.overwrite = overwrite;
    if (const Json* key = given(request, "key")) set.key = Path::parse(to_text(*key));
    return set;
}

DeletePayload parse_delete_payload(const Json& request) {
    expect_object(request, "DeletePayload");
    DeletePayload out;
    for (const Json& key : to_array(required(request, "keys"))) out.keys.push_back(Path::parse(to_text(key)));
    out.points = parse_ids_or_filter(request);
    return out;
}

UpdateVectors parse_update_vectors(Reader& reader) {
    Upsert upsert = parse_upsert(reader);
    if (upsert.points.empty()) throw invalid("points: length 0 invalid, must be 1 or larger");
    return {std::move(upsert.points), std::move(upsert.update_filter)};
}

DeleteVectors parse_delete_vectors(const Json& request) {
    expect_object(request, "DeleteVectors");
    DeleteVectors out;
    for (const Json& name : to_array(required(request, "vector"))) out.names.push_back(to_text(name));
    if (out.names.empty()) throw invalid("vector: length 0 invalid, must be 1 or larger");
    out.points = parse_ids_or_filter(request);
    return out;
}

// Reads one operation; empty where `kind` is none.
std::optional<Update> parse_kind(std::string_view kind, Reader& reader) {
    if (kind == "upsert") return parse_upsert(reader);
    if (kind == "update_vectors") return parse_update_vectors(reader);
    const Json request = reader.value();
    if (kind == "delete") return DeletePoints{parse_selector(request)};
    if (kind == "set_payload") return parse_set_payload(request, false);
    if (kind == "overwrite_payload") return parse_set_payload(request, true);
    if (kind == "delete_payload") return parse_delete_payload(request);
    if (kind == "clear_payload") return ClearPayload{parse_selector(request)};
    if (kind == "delete_vectors") return parse_delete_vectors(request);
    return std::nullopt;
}

// The real server reads the text whole before it looks at its meaning: what is no JSON is refused as such
// first.
template <class Read>
auto read_body(std::string_view body, Read&& read) {
    try {
        Reader reader(body);
        auto out = read(reader);
        reader.end();
        return out;
    } catch (const Refused&) {
        Reader whole(body);
        whole.skip();
        whole.end();
        throw;
    }
}

}  // namespace

Update parse_update(std::string_view kind, std::string_view body) {
    return read_body(body, [&](Reader& reader) { return parse_kind(kind, reader).value(); });
}

std::vector<Update> parse_batch(std::string_view body) {
    const Refused unknown = format_error(
        "data did not match any variant of untagged enum UpdateOperation" + position(body, body.rfind(']')),
        false);
    return read_body(body, [&](Reader& reader) {
        std::vector<Update> updates;
        bool found = false;
        if (reader.peek() != '{') throw format_error("invalid type, expected struct UpdateOperations");
        reader.object([&](std::string_view name) {
            if (name != "operations") return reader.skip();
            found = true;
            reader.array([&] {
                if (reader.peek() != '{') throw unknown;
                std::optional<Update> update;
                try {
                    reader.object([&](std::string_view kind) { update = parse_kind(kind, reader); });
                } catch (const Refused& refused) {
                    if (refused.status() == 400) throw unknown;
                    throw;
                }
                if (!update) throw unknown;
                updates.push_back(std::move(*update));
            });
        });
        if (!found) throw format_error("missing field `operations`");
        return updates;
    });
}

}  // namespace halcyon::devstack::qdrant
