#include "devstack/qdrant/path.hpp"

#include <charconv>

#include "devstack/qdrant/decode.hpp"

namespace halcyon::devstack::qdrant {
namespace {

using Kind = PathStep::Kind;

void collect(const Json& at, const std::vector<PathStep>& steps, std::size_t i,
             std::vector<const Json*>& out) {
    if (i == steps.size()) {
        out.push_back(&at);
        return;
    }
    const PathStep& step = steps[i];
    if (step.kind == Kind::field) {
        if (const Json* next = at.find(step.field)) collect(*next, steps, i + 1, out);
    } else if (const auto* items = at.array()) {
        if (step.kind == Kind::every) {
            for (const Json& item : *items) collect(item, steps, i + 1, out);
        } else if (step.index < items->size()) {
            collect((*items)[step.index], steps, i + 1, out);
        }
    }
}

void remove(Json& at, const std::vector<PathStep>& steps, std::size_t i) {
    const PathStep& step = steps[i];
    const bool last = i + 1 == steps.size();
    if (step.kind == Kind::field) {
        if (last)
            at.erase(step.field);
        else if (Json* next = at.find(step.field))
            remove(*next, steps, i + 1);
        return;
    }
    auto* items = at.array();
    if (items == nullptr) return;
    if (step.kind == Kind::every) {
        if (last) items->clear();
        for (Json& item : *items) remove(item, steps, i + 1);
    } else if (step.index < items->size()) {
        if (last)
            items->erase(items->begin() + static_cast<std::ptrdiff_t>(step.index));
        else
            remove((*items)[step.index], steps, i + 1);
    }
}

// Keeps what some path leads to; an array without brackets in the path is looked through.
Json kept(const Json& at, const std::vector<const Path*>& paths, std::size_t depth) {
    Json out = Json::Object{};
    for (const auto& [name, value] : *at.object()) {
        std::vector<const Path*> deeper;
        bool whole = false;
        for (const Path* path : paths) {
            std::size_t next = depth + 1;
            const auto& steps = path->steps();
            if (steps.size() <= depth || steps[depth].field != name) continue;
            while (next < steps.size() && steps[next].kind == Kind::every) ++next;
            if (next == steps.size())
                whole = true;
            else
                deeper.push_back(path);
        }
        if (whole) {
            out.set(name, value);
        } else if (!deeper.empty() && value.object()) {
            out.set(name, kept(value, deeper, depth + 1));
        } else if (!deeper.empty() && value.array()) {
            Json::Array items;
            for (const Json& item : *value.array()) {
                if (!item.object()) continue;
                const auto& steps = deeper.front()->steps();
                const bool bracket = steps[depth + 1].kind != Kind::field;
                items.push_back(kept(item, deeper, depth + (bracket ? 2 : 1)));
            }
            out.set(name, std::move(items));
        }
    }
    return out;
}

[[noreturn]] void no_path(std::string_view text) {
    throw format_error("Invalid json path: `" + std::string(text) + "`");
}

}  // namespace

Path Path::parse(std::string_view text) {
    Path path;
    path.text_ = text;
    std::size_t at = 0;
    while (at < text.size()) {
        PathStep step;
        if (text[at] == '[') {
            const std::size_t close = text.find(']', at);
            if (close == std::string_view::npos || path.steps_.empty()) no_path(text);
            const auto inside = text.substr(at + 1, close - at - 1);
            step.kind = inside.empty() ? Kind::every : Kind::index;
            const auto done = std::from_chars(inside.data(), inside.data() + inside.size(), step.index);
            if (!inside.empty() && (done.ec != std::errc{} || done.ptr != inside.data() + inside.size()))
                no_path(text);
            at = close + 1;
        } else {
            if (!path.steps_.empty()) {
                if (text[at] != '.') no_path(text);
                ++at;
            }
            const bool quoted = at < text.size() && text[at] == '"';
            if (quoted) ++at;
            const std::size_t end = quoted ? text.find('"', at) : text.find_first_of(".[", at);
            if (quoted && end == std::string_view::npos) no_path(text);
            step.field = text.substr(at, end == std::string_view::npos ? end : end - at);
            if (step.field.empty() && !quoted) no_path(text);
            at = end == std::string_view::npos ? text.size() : end + (quoted ? 1 : 0);
        }
        path.steps_.push_back(std::move(step));
    }
    if (path.steps_.empty()) no_path(text);
    return path;
}

std::vector<const Json*> Path::values(const Json& payload) const {
    std::vector<const Json*> out;
    collect(payload, steps_, 0, out);
    return out;
}

void merge_fields(Json& to, const Json& from) {
    for (const auto& [name, value] : *from.object()) to.set(name, value);
}

void Path::merge(Json& payload, const Json& object) const {
    std::vector<Json*> at{&payload};
    for (const PathStep& step : steps_) {
        std::vector<Json*> next;
        for (Json* value : at) {
            if (step.kind == Kind::field) {
                if (!value->object()) *value = Json::Object{};
                Json* child = value->find(step.field);
                next.push_back(child ? child : &value->set(step.field, Json::Object{}));
            } else if (auto* items = value->array()) {
                for (std::size_t i = 0; i < items->size(); ++i)
                    if (step.kind == Kind::every || i == step.index) next.push_back(&(*items)[i]);
            }
        }
        at = std::move(next);
    }
    for (Json* value : at) {
        if (!value->object()) *value = Json::Object{};
        merge_fields(*value, object);
    }
}

void Path::erase(Json& payload) const { remove(payload, steps_, 0); }

PayloadSelector PayloadSelector::parse(const Json* value, Kind absent) {
    PayloadSelector selector;
    selector.kind = absent;
    if (value == nullptr || value->is_null()) return selector;
    if (const bool* all = value->boolean()) {
        selector.kind = *all ? Kind::all : Kind::none;
        return selector;
    }
    const Json* list = value->array() ? value : nullptr;
    selector.kind = Kind::include;
    if (value->object() && value->object()->size() == 1) {
        list = value->find("include");
        if (list == nullptr) {
            list = value->find("exclude");
            selector.kind = Kind::exclude;
        }
    }
    if (list == nullptr || !list->array()) throw no_variant("WithPayloadInterface");
    for (const Json& item : *list->array()) {
        if (!item.text()) throw no_variant("WithPayloadInterface");
        selector.paths.push_back(Path::parse(*item.text()));
    }
    return selector;
}

Json PayloadSelector::apply(const Json& payload) const {
    if (kind == Kind::include) {
        std::vector<const Path*> all;
        for (const Path& path : paths) all.push_back(&path);
        return kept(payload, all, 0);
    }
    Json out = payload;
    if (kind == Kind::exclude)
        for (const Path& path : paths) path.erase(out);
    return out;
}

}  // namespace halcyon::devstack::qdrant
