#include "devstack/mongo/update.hpp"

#include <algorithm>
#include <chrono>
#include <random>

#include "devstack/mongo/errors.hpp"
#include "devstack/mongo/keystring.hpp"
#include "devstack/mongo/modifiers.hpp"
#include "devstack/mongo/sort.hpp"
#include "devstack/mongo/tree.hpp"

namespace halcyon::devstack::mongo {
namespace {

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

void check_same_id(View before, View after) {
    const Value old_id = before["_id"];
    const Value new_id = after["_id"];
    if (old_id && !equal(old_id, new_id))
        throw CommandError(
            66,
            "After applying the update, the (immutable) field '_id' was found to have been altered to _id: " +
                (new_id ? to_text(new_id) : std::string("missing")));
}

}  // namespace

struct Update::Impl {
    std::vector<Modifier> list;
    std::optional<std::string> replacement;
    std::vector<Projection> stages;
};

Update::Update(const Value& u) : impl_(std::make_unique<Impl>()) {
    if (u.is_array()) {
        for (const Element& item : u.as_document()) {
            const Element stage = *item.value.as_document().begin();
            if (stage.name == "$set" || stage.name == "$addFields") {
                impl_->stages.emplace_back(Projection::Kind::add_fields, stage.value.as_document());
            } else if (stage.name == "$project") {
                impl_->stages.emplace_back(Projection::Kind::project, stage.value.as_document());
            } else if (stage.name == "$unset") {
                const std::string names = stage.value.is_array() ? std::string(stage.value.bytes)
                                                                 : ArrayBuilder().add(stage.value).finish();
                impl_->stages.emplace_back(Projection::Kind::unset, View(names));
            } else {
                throw CommandError(72,
                                   std::string(stage.name) + " is not allowed to be used within an update");
            }
        }
        return;
    }
    if (!u.is_object()) throw CommandError(9, "Update argument must be either an object or an array");
    const View document = u.as_document();
    if (document.empty() || !document.begin()->name.starts_with('$')) {
        for (const Element& element : document) {
            if (element.name.starts_with('$'))
                throw CommandError(52, "The dollar ($) prefixed field '" + std::string(element.name) +
                                           "' in '" + std::string(element.name) +
                                           "' is not valid for storage.");
        }
        impl_->replacement = std::string(document.bytes());
        return;
    }
    std::vector<std::string> paths;
    for (const Element& op : document) {
        if (!known_modifier(op.name))
            throw CommandError(
                9, "Unknown modifier: " + std::string(op.name) +
                       ". Expected a valid update modifier or pipeline-style update specified as an array");
        if (!op.value.is_object())
            throw CommandError(9, "Modifiers operate on fields but we found type " +
                                      std::string(type_name(op.value.type)) +
                                      " instead. For example: {$mod: {<field>: ...}} not {" +
                                      std::string(op.name) + ": " + to_text(op.value) + "}");
        for (const Element& field : op.value.as_document()) {
            if (field.name.empty()) throw CommandError(56, "An empty update path is not valid.");
            impl_->list.push_back({std::string(op.name), std::string(field.name), OwnedValue(field.value)});
            paths.emplace_back(field.name);
        }
    }
    std::sort(paths.begin(), paths.end());
    for (std::size_t i = 1; i < paths.size(); ++i) {
        if (paths[i] == paths[i - 1] || paths[i].starts_with(paths[i - 1] + "."))
            throw CommandError(
                40, "Updating the path '" + paths[i] + "' would create a conflict at '" + paths[i - 1] + "'");
    }
    sort_stably(impl_->list, [](const Modifier& a, const Modifier& b) { return a.path < b.path; });
}
Update::~Update() = default;
Update::Update(Update&&) noexcept = default;
Update& Update::operator=(Update&&) noexcept = default;

bool Update::is_replacement() const { return impl_->replacement.has_value(); }

UpdateResult Update::apply(View document, bool upserting) const {
    UpdateResult result;
    if (impl_->replacement || !impl_->stages.empty()) {
        result.replacement = true;
        std::string after = impl_->replacement.value_or(std::string(document.bytes()));
        for (const Projection& stage : impl_->stages) after = stage.apply(View(after));
        const Value new_id = View(after)["_id"];
        Builder out;
        out.add("_id", new_id ? new_id : document["_id"]);
        for (auto it = View(after).begin(); it != View::Iterator(); ++it) {
            if (it->name != "_id") out.raw(it.raw());
        }
        result.document = out.finish();
        result.changed = impl_->replacement || View(result.document).bytes() != document.bytes();
        check_same_id(document, View(result.document));
    } else {
        Tree root;
        root.set(Value{Type::document, document.bytes()});
        Changes changes;
        for (const Modifier& modifier : impl_->list) apply_modifier(root, modifier, upserting, changes);
        result.changed = changes.any;
        result.document = changes.any ? root.current().bytes : std::string(document.bytes());
        result.description = describe(changes);
        const Value old_id = document["_id"];
        const Value new_id = View(result.document)["_id"];
        if (old_id && (!new_id || !equal(old_id, new_id)))
            throw CommandError(
                66, "Performing an update on the path '_id' would modify the immutable field '_id'");
    }
    if (result.document.size() > 16777216)
        throw CommandError(17419, "Resulting document after update is larger than 16777216");
    return result;
}

namespace {
void collect_equalities(View query, std::vector<std::pair<std::string, OwnedValue>>& dotted) {
    for (const Element& element : query) {
        if (element.name == "$and" && element.value.is_array()) {
            for (const Element& item : element.value.as_document())
                collect_equalities(item.value.as_document(), dotted);
            continue;
        }
        if (element.name.starts_with('$')) continue;
        Value value = element.value;
        if (value.is_object() && !value.as_document().empty() &&
            value.as_document().begin()->name.starts_with('$')) {
            value = value.as_document()["$eq"];
            if (!value) continue;
        }
        if (value.type == Type::regex) continue;
        dotted.emplace_back(std::string(element.name), OwnedValue(value));
    }
}
}  // namespace

std::string Update::insert_for(View query) const {
    std::vector<std::pair<std::string, OwnedValue>> fields;
    collect_equalities(query, fields);
    Tree root;
    root.set(OwnedValue::document(Builder().finish()).view());
    for (const auto& [path, value] : fields) {
        if (impl_->replacement && path != "_id") continue;
        place_at(root, path)->set(value.view());
    }
    const std::string base = root.current().bytes;
    if (impl_->replacement) {
        const Value id = View(base)["_id"];
        if (!id || View(*impl_->replacement)["_id"]) {
            if (id) check_same_id(View(base), View(*impl_->replacement));
            return with_id(View(*impl_->replacement));
        }
        return Builder().add("_id", id).merge(View(*impl_->replacement)).finish();
    }
    return with_id(View(apply(View(base), true).document));
}

std::string new_object_id() {
    static const std::uint64_t process =
        std::random_device{}() | (static_cast<std::uint64_t>(std::random_device{}()) << 32);
    static std::uint32_t counter = std::random_device{}();
    const auto seconds = static_cast<std::uint32_t>(now_ms() / 1000);
    std::string out;
    for (int i = 3; i >= 0; --i) out += static_cast<char>(seconds >> (8 * i));
    for (int i = 4; i >= 0; --i) out += static_cast<char>(process >> (8 * i));
    ++counter;
    for (int i = 2; i >= 0; --i) out += static_cast<char>(counter >> (8 * i));
    return out;
}

std::string with_id(View document) {
    const Value id = document["_id"];
    if (id.type == Type::array) throw CommandError(2, "can't use an array for _id");
    if (id.type == Type::regex) throw CommandError(2, "can't use a regex for _id");
    if (id.type == Type::undefined) throw CommandError(2, "can't use a undefined for _id");
    if (id && document.begin()->name == "_id") return std::string(document.bytes());
    Builder out;
    if (id)
        out.add("_id", id);
    else
        out.object_id("_id", new_object_id());
    for (auto it = document.begin(); it != View::Iterator(); ++it) {
        if (it->name != "_id") out.raw(it.raw());
    }
    return out.finish();
}

}  // namespace halcyon::devstack::mongo
