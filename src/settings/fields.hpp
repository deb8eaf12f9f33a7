// The table of a section's fields: the one source of its parser, its part of the JSON schema and the
// reference.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "settings/files.hpp"
#include "settings/section.hpp"
#include "settings/shape.hpp"
#include "settings/types.hpp"

namespace halcyon::settings {

namespace detail {
/// Adds a mistake for every entry that no field reads, with the name that was meant.
void refuse_unknown(const Section& section, const std::vector<FieldDoc>& known);
/// The trimmed contents of a file of a secret; mistakes name the file, never what is in it.
bool read_secret_file(const Section& section, std::string& out);
void missing(const Section& section, const FieldDoc& field);
/// Null where there is no map, or no such entry in it.
const Value* find(const Value* map, std::string_view name);
}  // namespace detail

/// `O` is a room's Options aggregate; what its member holds by default is the documented default.
///
///     Fields<Options> fields() {
///         return Fields<Options>()
///             .secret("uri", &Options::uri, {.help = "..", .example = ".."})
///             .add("timeout", &Options::timeout, duration<milliseconds>({"1ms", "10m"}), {.help = ".."})
///             .group("batch", Fields<Options>().add(...), {.help = ".."})
///             .check([](const Options& o, const Section& s) { if (..) s.get("uri").mistake(".."); });
///     }
template <class O>
class Fields {
  public:
    using Reader = std::function<void(const Section& parent, O&)>;
    /// Appends what a field holds; `parent` as in Type::each.
    using Lister =
        std::function<void(const O&, const Value* parent, const std::string& path, std::vector<Shown>& out)>;

    template <class T>
    Fields& add(std::string name, T O::* member, Type<T> type, Doc doc = {}) {
        return add_as<T>(
            std::move(name), [member](auto& o) -> auto& { return o.*member; }, std::move(type),
            std::move(doc));
    }

    /// A field that is kept somewhere else: `where` is a generic lambda, [](auto& o) -> auto& { return o.a.b;
    /// }.
    template <class T, class Where>
    Fields& add_as(std::string name, Where where, Type<T> type, Doc doc = {}) {
        auto shown = type.show(where(static_cast<const O&>(defaults_)));
        return custom(
            {name, type.shape, std::move(doc), std::move(shown)},
            [name, where, read = type.read](const Section& s, O& o) {
                if (s.names(name)) read(s.get(name), where(o));
            },
            [name, where, type](const O& o, const Value* parent, const std::string& path,
                                std::vector<Shown>& out) {
                detail::list(type, where(o), detail::find(parent, name), path, out);
            });
    }

    /// A text that is never printed, and its twin `<name>_file`: a file that holds it.
    Fields& secret(std::string name, std::string O::* member, Doc doc = {}) {
        return secret_as(std::move(name), [member](auto& o) -> auto& { return o.*member; }, std::move(doc));
    }
    template <class Where>
    Fields& secret_as(std::string name, Where where, Doc doc = {}) {
        const auto twin = name + "_file";
        const bool required = std::exchange(doc.required, false);
        const auto type = text();
        custom(
            {name, type.shape, std::move(doc), type.show(where(static_cast<const O&>(defaults_)))},
            [name, twin, where, type, required](const Section& s, O& o) {
                if (s.has(name) && s.has(twin))
                    s.get(twin).mistake(fmt::format("goes against {}; keep one of them", name));
                if (s.has(twin))
                    detail::read_secret_file(s.get(twin), where(o));
                else if (s.has(name))
                    type.read(s.get(name), where(o));
                else if (required)
                    s.get(name).mistake(fmt::format("is missing; write it here or name a file in {}", twin));
                if (!where(o).empty()) s.report().secrets.push_back(where(o));
            },
            [name, where](const O& o, const Value* parent, const std::string& path, std::vector<Shown>& out) {
                out.push_back({path, where(o).empty() ? "" : "***", detail::find(parent, name) != nullptr});
            });
        return custom(
            {twin,
             type.shape,
             {.help = fmt::format("A file that holds {}, instead of it; blanks at its ends are cut.", name),
              .example = "/run/secrets/" + name,
              .commented = true},
             {}},
            [](const Section&, O&) {},
            // The options hold what was in the file, not its name.
            [twin](const O&, const Value* parent, const std::string& path, std::vector<Shown>& out) {
                const auto* file = detail::find(parent, twin);
                out.push_back({path, file ? detail::yaml_text(file->text) : "", file != nullptr});
            });
    }

    /// Fields of the same O that are written one level deeper.
    Fields& group(std::string name, Fields<O> inner, Doc doc = {}) {
        Shape shape{.kind = Shape::Kind::object,
                    .fields = std::make_shared<std::vector<FieldDoc>>(inner.docs())};
        return custom(
            {name, std::move(shape), std::move(doc), {}},
            [name, inner](const Section& s, O& o) {
                if (s.has(name)) inner.read(s.get(name), o);
            },
            [name, inner](const O& o, const Value* parent, const std::string& path, std::vector<Shown>& out) {
                inner.list(o, detail::find(parent, name), path, out);
            });
    }

    /// All fields and rules of another table, which fill a part of O: `where` as in add_as.
    template <class I, class Where>
    Fields& include(const Fields<I>& inner, Where where) {
        for (std::size_t i = 0; i < inner.docs_.size(); ++i)
            custom(
                inner.docs_[i],
                [where, read = inner.readers_[i]](const Section& s, O& o) { read(s, where(o)); },
                [where, list = inner.listers_[i]](const O& o, const Value* parent, const std::string& path,
                                                  std::vector<Shown>& out) {
                    list(where(o), parent, path, out);
                });
        for (const auto& rule : inner.rules_)
            rules_.push_back([where, rule](const O& o, const Section& s) { rule(where(o), s); });
        return *this;
    }

    /// A field with a reader of its own, which gets the section that may hold it.
    Fields& custom(FieldDoc doc, Reader reader, Lister lister) {
        docs_.push_back(std::move(doc));
        readers_.push_back(std::move(reader));
        listers_.push_back(std::move(lister));
        return *this;
    }

    /// Runs after all fields were read, also when some could not be; `o` has defaults there.
    Fields& check(std::function<void(const O& o, const Section& section)> rule) {
        rules_.push_back(std::move(rule));
        return *this;
    }

    /// Reads every field; false if there was a mistake.
    bool read(const Section& section, O& out) const {
        const auto before = section.report().mistakes.size();
        if (!detail::expect_map(section, example())) return false;
        detail::refuse_unknown(section, docs_);
        for (std::size_t i = 0; i < docs_.size(); ++i) {
            if (docs_[i].doc.required && !section.names(docs_[i].name)) detail::missing(section, docs_[i]);
            readers_[i](section, out);
        }
        for (const auto& rule : rules_) rule(out, section);
        return section.report().mistakes.size() == before;
    }

    /// Appends every setting of `o`, in the order of the table, secrets masked. `written` is the section that
    /// it was read from; null: there is none. `path`: of that section, empty for the whole file.
    void list(const O& o, const Value* written, const std::string& path, std::vector<Shown>& out) const {
        for (std::size_t i = 0; i < docs_.size(); ++i)
            listers_[i](o, written, path.empty() ? docs_[i].name : path + "." + docs_[i].name, out);
    }

    const std::vector<FieldDoc>& docs() const { return docs_; }

  private:
    template <class>
    friend class Fields;

    std::string example() const {
        return docs_.empty() ? "{}" : fmt::format("{{ {}: .. }}", docs_.front().name);
    }

    O defaults_{};
    std::vector<FieldDoc> docs_;
    std::vector<Reader> readers_;
    std::vector<Lister> listers_;
    std::vector<std::function<void(const O&, const Section&)>> rules_;
};

/// The table as a type: for lists and maps of sections, and sections in sections.
template <class O>
Type<O> object(Fields<O> fields) {
    Shape shape{.kind = Shape::Kind::object,
                .fields = std::make_shared<std::vector<FieldDoc>>(fields.docs())};
    return {std::move(shape), [fields](const Section& s, O& out) { return fields.read(s, out); },
            [](const O&) { return std::string(); },
            [fields](const O& o, const Value* written, const std::string& path, std::vector<Shown>& out) {
                fields.list(o, written, path, out);
            }};
}

}  // namespace halcyon::settings
