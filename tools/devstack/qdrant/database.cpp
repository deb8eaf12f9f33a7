#include "devstack/qdrant/database.hpp"

#include "devstack/qdrant/decode.hpp"

namespace halcyon::devstack::qdrant {
namespace {

Refused no_collection(const std::string& name) {
    return not_found("Collection `" + name + "` doesn't exist!");
}
Refused taken(const std::string& name) {
    return {409, "Wrong input: Collection `" + name + "` already exists!"};
}

void check_name(const std::string& name) {
    const auto refuse = [](const std::string& why) {
        return Refused(422, "Validation error in path parameters: [collection_name: " + why + "]");
    };
    if (name.empty() || name.size() > 255)
        throw refuse("value \"" + name + "\" invalid, must be from 1 to 255 characters");
    for (const char c : name) {
        const bool bad =
            std::string_view("<>:\"/\\|?*").find(c) != std::string_view::npos || c == '\0' || c == 0x1F;
        if (bad) throw refuse("collection name cannot contain \"" + std::string(1, c) + "\" char");
    }
}

}  // namespace

Collection& Database::get(const std::string& name) {
    const auto alias = aliases_.find(name);
    const auto at = collections_.find(alias == aliases_.end() ? name : alias->second);
    if (at == collections_.end()) throw no_collection(name);
    return at->second;
}

bool Database::exists(const std::string& name) const {
    return collections_.contains(name) || aliases_.contains(name);
}

void Database::create(const std::string& name, CollectionConfig config) {
    check_name(name);
    if (collections_.contains(name)) throw taken(name);
    if (aliases_.contains(name))
        throw wrong_input("Can't create collection with name " + name +
                          ". Alias with the same name already exists");
    collections_.emplace(name, Collection(std::move(config)));
}

bool Database::remove(const std::string& name) {
    if (collections_.erase(name) == 0) return false;
    std::erase_if(aliases_, [&](const auto& alias) { return alias.second == name; });
    return true;
}

void Database::change_aliases(const Json& request) {
    expect_object(request, "ChangeAliasesOperation");
    auto aliases = aliases_;
    for (const Json& action : to_array(required(request, "actions"))) {
        const auto text = [](const Json& part, std::string_view field) {
            const Json* value = part.find(field);
            if (value == nullptr || !value->text()) throw no_variant("AliasOperations");
            return *value->text();
        };
        if (const Json* create = action.find("create_alias")) {
            const std::string collection = text(*create, "collection_name"),
                              alias = text(*create, "alias_name");
            if (!collections_.contains(collection)) throw no_collection(collection);
            if (collections_.contains(alias)) throw taken(alias);
            aliases[alias] = collection;
        } else if (const Json* remove = action.find("delete_alias")) {
            aliases.erase(text(*remove, "alias_name"));
        } else if (const Json* rename = action.find("rename_alias")) {
            const std::string from = text(*rename, "old_alias_name"), to = text(*rename, "new_alias_name");
            const auto old = aliases.find(from);
            if (old == aliases.end()) throw not_found("Alias " + from + " does not exists!");
            if (collections_.contains(to)) throw taken(to);
            const std::string collection = old->second;
            aliases.erase(old);
            aliases[to] = collection;
        } else {
            throw no_variant("AliasOperations");
        }
    }
    aliases_ = std::move(aliases);
}

std::string Database::list_json() const {
    Json::Array names;
    for (const auto& entry : collections_) names.push_back(Json::Object{{"name", entry.first}});
    std::string out;
    Json(Json::Object{{"collections", std::move(names)}}).write(out);
    return out;
}

std::string Database::aliases_json(std::string_view collection) const {
    Json::Array list;
    for (const auto& [alias, name] : aliases_) {
        if (collection.empty() || name == collection)
            list.push_back(Json::Object{{"alias_name", alias}, {"collection_name", name}});
    }
    std::string out;
    Json(Json::Object{{"aliases", std::move(list)}}).write(out);
    return out;
}

std::string Database::info_json(const Collection& collection) {
    Json schema = Json::Object{};
    for (const auto& [field, index] : collection.indexes()) {
        Json shown = Json::Object{{"data_type", index.type}};
        if (!index.params.is_null()) shown.set("params", index.params);
        shown.set("points", collection.indexed_points(field, index));
        schema.set(field, std::move(shown));
    }
    const Json info = Json::Object{{"status", "green"},
                                   {"optimizer_status", "ok"},
                                   {"indexed_vectors_count", 0},
                                   {"points_count", std::uint64_t{collection.points().size()}},
                                   {"segments_count", 2},
                                   {"config", collection.config().json()},
                                   {"payload_schema", std::move(schema)},
                                   {"update_queue", Json::Object{{"length", 0}}}};
    std::string out;
    info.write(out);
    return out;
}

}  // namespace halcyon::devstack::qdrant
