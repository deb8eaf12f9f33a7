#include "devstack/mongo/pipeline.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>
#include <random>

#include "devstack/mongo/errors.hpp"
#include "devstack/mongo/expression.hpp"
#include "devstack/mongo/group.hpp"
#include "devstack/mongo/keystring.hpp"
#include "devstack/mongo/matcher.hpp"
#include "devstack/mongo/projection.hpp"
#include "devstack/mongo/scan.hpp"
#include "devstack/mongo/sort.hpp"
#include "devstack/mongo/update.hpp"

namespace halcyon::devstack::mongo {
namespace {

constexpr std::array document_stages{"$match", "$project",     "$addFields",  "$set",
                                     "$unset", "$replaceRoot", "$replaceWith"};
constexpr std::array other_stages{
    "$changeStream", "$group",  "$sort",        "$limit",       "$skip",      "$sample",
    "$bucketAuto",   "$count",  "$out",         "$merge",       "$collStats", "$unwind",
    "$lookup",       "$facet",  "$graphLookup", "$bucket",      "$geoNear",   "$sortByCount",
    "$indexStats",   "$redact", "$currentOp",   "$listSessions"};

template <class List>
bool contains(const List& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

DocumentStage new_root(const Value& expression, std::string name) {
    return [root = Expression(expression), name = std::move(name)](std::string& document) {
        const OwnedValue value = root.evaluate(View(document));
        if (value.type != Type::document)
            throw CommandError(40228,
                               "'newRoot' expression must evaluate to an object, but resulting value was: " +
                                   to_text(value.view()) + ". Type of resulting value: '" +
                                   std::string(type_name(value.type)) +
                                   "'. Input document: " + to_text(View(document)));
        document = value.bytes;
        return true;
    };
}

View object_of(std::string_view stage, const Value& spec, int code) {
    if (!spec.is_object()) throw CommandError(code, std::string(stage) + " specification must be an object");
    return spec.as_document();
}

Doc share(std::string bytes) { return std::make_shared<const std::string>(std::move(bytes)); }

std::size_t count_of(std::string_view stage, const Value& spec, int code, std::int64_t least) {
    if (!spec.is_number())
        throw CommandError(code, "the " + std::string(stage.substr(1)) + " must be specified as a number");
    if (spec.as_int() < least) throw CommandError(15958, "the limit must be positive");
    return static_cast<std::size_t>(spec.as_int());
}

std::vector<Doc> bucket_auto(const std::vector<Doc>& input, View spec) {
    if (spec["output"] || spec["granularity"])
        throw CommandError(115, "halcyon-devstack knows only groupBy and buckets of $bucketAuto");
    const Expression by(spec["groupBy"]);
    const std::int64_t buckets = spec["buckets"].as_int();
    if (buckets <= 0) throw CommandError(40243, "The $bucketAuto 'buckets' field must be greater than 0");
    std::vector<std::pair<std::string, OwnedValue>> values;
    for (const Doc& document : input) {
        OwnedValue value = by.evaluate(View(*document));
        if (value.type == Type::end) value = OwnedValue::null();
        values.emplace_back(key_of(value.view()), value);
    }
    sort_stably(values, [](const auto& a, const auto& b) { return a.first < b.first; });
    const auto size = static_cast<std::size_t>(
        std::max<double>(1, std::round(static_cast<double>(values.size()) / static_cast<double>(buckets))));
    std::vector<Doc> out;
    for (std::size_t at = 0; at < values.size();) {
        const bool last = static_cast<std::int64_t>(out.size()) == buckets - 1;
        std::size_t end = last ? values.size() : std::min(values.size(), at + size);
        while (end < values.size() && values[end].first == values[end - 1].first) ++end;
        Builder bucket;
        bucket.begin_document("_id").add("min", values[at].second.view());
        bucket.add("max", values[end < values.size() ? end : end - 1].second.view()).end();
        out.push_back(share(bucket.add("count", static_cast<std::int32_t>(end - at)).finish()));
        at = end;
    }
    return out;
}

std::vector<Doc> unwind(const std::vector<Doc>& input, const Value& spec) {
    std::string_view path = spec.is_string() ? spec.as_string() : std::string_view();
    if (spec.is_object() && spec.as_document()["path"].is_string())
        path = spec.as_document()["path"].as_string();
    const bool keep = spec.is_object() && spec.as_document()["preserveNullAndEmptyArrays"].truthy();
    if (!path.starts_with('$'))
        throw CommandError(28818, "path option to $unwind stage should be prefixed with a '$'");
    path.remove_prefix(1);
    std::vector<Doc> out;
    for (const Doc& document : input) {
        const Value value = View(*document).at_path(path);
        if (!value.is_array()) {
            if (keep || (value && value.type != Type::null)) out.push_back(document);
            continue;
        }
        bool any = false;
        for (const Element& item : value.as_document()) {
            any = true;
            const std::string set = Builder().begin_document("$set").add(path, item.value).end().finish();
            out.push_back(share(Update(Value{Type::document, set}).apply(View(*document)).document));
        }
        if (!any && keep) out.push_back(document);
    }
    return out;
}

void write_out(Store& store, const std::string& db, const Value& spec, const std::vector<Doc>& documents) {
    static std::uint64_t counter = 0;
    if (!spec.is_string())
        throw CommandError(
            16990, "$out only supports a string argument, but found " + std::string(type_name(spec.type)));
    const CollectionPtr temporary = store.create(db, "tmp.agg_out." + std::to_string(++counter));
    for (const Doc& document : documents) store.insert(temporary, with_id(View(*document)));
    store.rename(temporary, db, std::string(spec.as_string()));
}

void merge(Store& store, std::string db, const Value& spec, const std::vector<Doc>& documents) {
    Value into = spec;
    std::string matched = "merge";
    std::string unmatched = "insert";
    if (spec.is_object() && spec.as_document()["into"]) {
        for (const Element& option : spec.as_document()) {
            if (option.name == "into") {
                into = option.value;
            } else if (option.name == "whenMatched" && option.value.is_string()) {
                matched = option.value.as_string();
            } else if (option.name == "whenNotMatched" && option.value.is_string()) {
                unmatched = option.value.as_string();
            } else if (option.name != "on" || !option.value.is_string() ||
                       option.value.as_string() != "_id") {
                throw CommandError(115, "halcyon-devstack does not support this option of $merge: " +
                                            std::string(option.name));
            }
        }
    }
    std::string name;
    if (into.is_string()) {
        name = into.as_string();
    } else if (into.is_object()) {
        name = into.as_document()["coll"].as_string();
        if (into.as_document()["db"]) db = into.as_document()["db"].as_string();
    } else {
        throw CommandError(51178, "$merge requires a string or an object");
    }
    const CollectionPtr target = store.find_or_create(db, name);
    for (const Doc& document : documents) {
        const std::string whole = with_id(View(*document));
        const std::string key = key_of(View(whole)["_id"]);
        const auto it = target->by_id.find(key);
        if (it == target->by_id.end()) {
            if (unmatched == "insert") store.insert(target, whole);
            if (unmatched == "fail")
                throw CommandError(13113,
                                   "$merge could not find a matching document in the target collection");
        } else if (matched == "replace") {
            store.update(target, key, whole, nullptr);
        } else if (matched == "merge") {
            const std::string set = Builder().add("$set", View(whole)).finish();
            const UpdateResult result = Update(Value{Type::document, set}).apply(View(*it->second.document));
            if (result.changed) store.update(target, key, result.document, &result.description);
        } else if (matched == "fail") {
            throw CommandError(
                11000, "E11000 duplicate key error collection: " + target->ns->full() + " index: _id_");
        } else if (matched != "keepExisting") {
            throw CommandError(51191, "unknown whenMatched: " + matched);
        }
    }
}

Doc collection_stats(const CollectionPtr& collection, const std::string& ns, View spec,
                     const std::string& host) {
    if (!collection)
        throw CommandError(26, "Unable to retrieve count in $collStats stage :: caused by :: Collection [" +
                                   ns + "] not found.");
    Builder out;
    out.add("ns", ns).add("host", host);
    out.date("localTime", std::chrono::duration_cast<std::chrono::milliseconds>(
                              std::chrono::system_clock::now().time_since_epoch())
                              .count());
    for (const Element& option : spec) {
        if (option.name == "count") {
            out.add("count", static_cast<std::int32_t>(collection->by_id.size()));
        } else if (option.name == "storageStats") {
            const auto count = static_cast<std::int32_t>(collection->by_id.size());
            out.begin_document("storageStats").add("size", static_cast<std::int32_t>(collection->bytes));
            out.add("count", count);
            if (count > 0) out.add("avgObjSize", static_cast<std::int32_t>(collection->bytes) / count);
            out.add("storageSize", std::int32_t{4096}).add("capped", false).end();
        } else {
            throw CommandError(40168, "unrecognized option to $collStats: " + std::string(option.name));
        }
    }
    return share(out.finish());
}

}  // namespace

bool is_document_stage(std::string_view name) { return contains(document_stages, name); }
bool known_stage(std::string_view name) {
    return contains(document_stages, name) || contains(other_stages, name);
}

Element stage_of(const Value& item) {
    if (!item.is_object()) throw CommandError(14, "Each element of the 'pipeline' array must be an object");
    const View stage = item.as_document();
    if (stage.empty() || ++stage.begin() != View::Iterator())
        throw CommandError(40323, "A pipeline stage specification object must contain exactly one field.");
    return *stage.begin();
}

DocumentStage document_stage(std::string_view name, const Value& spec) {
    if (name == "$match") {
        auto matcher = std::make_shared<Matcher>(object_of("the match filter", spec, 15959));
        return [matcher](std::string& document) { return matcher->matches(View(document)); };
    }
    if (name == "$replaceRoot") return new_root(object_of(name, spec, 40229)["newRoot"], std::string(name));
    if (name == "$replaceWith") return new_root(spec, std::string(name));
    const std::string names = spec.is_string() ? ArrayBuilder().add(spec).finish() : std::string();
    auto kind = Projection::Kind::add_fields;
    if (name == "$project") kind = Projection::Kind::project;
    if (name == "$unset") kind = Projection::Kind::unset;
    const View view = names.empty() ? spec.as_document() : View(names);
    auto projection = std::make_shared<Projection>(kind, view);
    return [projection](std::string& document) {
        document = projection->apply(View(document));
        return true;
    };
}

void sort_documents(std::vector<Doc>& documents, View specification) {
    std::vector<std::pair<std::string, Doc>> keyed;
    keyed.reserve(documents.size());
    for (Doc& document : documents) {
        std::string key;
        for (const Element& field : specification) {
            std::string part = key_of(View(*document).at_path(field.name));
            part += '\x04';
            if (field.value.as_int() < 0) {
                for (char& c : part) c = static_cast<char>(~c);
            }
            key += part;
        }
        keyed.emplace_back(std::move(key), std::move(document));
    }
    sort_stably(keyed, [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < keyed.size(); ++i) documents[i] = std::move(keyed[i].second);
}

PipelineResult run_pipeline(Store& store, const std::string& db, const std::string& collection, View pipeline,
                            const std::string& host) {
    std::vector<Element> stages;
    for (const Element& item : pipeline) {
        const Element stage = stage_of(item.value);
        if (!known_stage(stage.name))
            throw CommandError(40324, "Unrecognized pipeline stage name: '" + std::string(stage.name) + "'");
        if (stage.name == "$changeStream")
            throw CommandError(40602, "$changeStream is only valid as the first stage in a pipeline.");
        stages.push_back(stage);
    }
    const CollectionPtr source = store.find(db, collection);
    PipelineResult result;
    std::size_t first = 0;
    if (!stages.empty() && stages[0].name == "$collStats") {
        result.documents.push_back(collection_stats(source, db + "." + collection,
                                                    object_of("$collStats", stages[0].value, 40166), host));
        first = 1;
    } else if (source) {
        ScanOptions options;
        if (!stages.empty() && stages[0].name == "$match")
            options.filter = object_of("the match filter", stages[0].value, 15959);
        Scan scan(source, options);
        while (const Doc* document = scan.next()) result.documents.push_back(*document);
    }
    for (std::size_t i = first; i < stages.size(); ++i) {
        const std::string_view name = stages[i].name;
        const Value& spec = stages[i].value;
        std::vector<Doc>& documents = result.documents;
        if (name == "$match") {
            const Matcher matcher(object_of("the match filter", spec, 15959));
            std::erase_if(documents, [&](const Doc& document) { return !matcher.matches(View(*document)); });
        } else if (is_document_stage(name)) {
            const DocumentStage stage = document_stage(name, spec);
            std::erase_if(documents, [&](Doc& document) {
                std::string bytes = *document;
                const bool keeps = stage(bytes);
                document = share(std::move(bytes));
                return !keeps;
            });
        } else if (name == "$group") {
            documents = group_documents(documents, object_of(name, spec, 15947));
        } else if (name == "$sort") {
            sort_documents(documents, object_of(name, spec, 15973));
        } else if (name == "$limit") {
            documents.resize(std::min(documents.size(), count_of(name, spec, 15957, 1)));
        } else if (name == "$skip") {
            const std::size_t skip = std::min(documents.size(), count_of(name, spec, 15972, 0));
            documents.erase(documents.begin(), documents.begin() + static_cast<std::ptrdiff_t>(skip));
        } else if (name == "$sample") {
            static std::mt19937_64 random{std::random_device{}()};
            std::shuffle(documents.begin(), documents.end(), random);
            documents.resize(
                std::min(documents.size(), count_of(name, object_of(name, spec, 28745)["size"], 28746, 0)));
        } else if (name == "$bucketAuto") {
            documents = bucket_auto(documents, object_of(name, spec, 40240));
        } else if (name == "$count") {
            if (!spec.is_string()) throw CommandError(40156, "the count field must be a non-empty string");
            const auto count = static_cast<std::int32_t>(documents.size());
            documents.clear();
            if (count > 0) documents.push_back(share(Builder().add(spec.as_string(), count).finish()));
        } else if (name == "$unwind") {
            documents = unwind(documents, spec);
        } else if (name == "$out" || name == "$merge") {
            if (i + 1 != stages.size())
                throw CommandError(40601, std::string(name) + " can only be the final stage in the pipeline");
            name == "$out" ? write_out(store, db, spec, documents) : merge(store, db, spec, documents);
            documents.clear();
            result.written = true;
        } else {
            throw CommandError(115, "halcyon-devstack does not support " + std::string(name));
        }
    }
    return result;
}

}  // namespace halcyon::devstack::mongo
