#include "render/payload.hpp"

#include <algorithm>

#include "render/payload_writer.hpp"

namespace halcyon::render {
namespace {

using Node = PayloadSpec::Node;

auto refuse(std::string why) { return fail(Verdict::reject, Cause::invalid, "payload: " + std::move(why)); }

/// The names under which a field is found in the payload.
Result<std::vector<std::string>> names_of(const PayloadField& field, const Path& path) {
    if (!field.as.empty()) {
        if (field.as.find('.') != std::string::npos)
            return refuse("as: " + field.as + " has a dot; it is one name, like seller_city");
        return std::vector{field.as};
    }
    if (path.has_index())
        return refuse(field.field + " is a place in an array and needs a name, like { field: " + field.field +
                      ", as: first_" + path.names().front() + " }");
    return path.names();
}

/// Errors: the place is taken.
Result<void> insert(std::vector<Node>& nodes, const std::vector<std::string>& names, std::size_t at,
                    Node leaf) {
    const bool last = at + 1 == names.size();
    auto found = std::ranges::find(nodes, names[at], &Node::name);
    if (found == nodes.end()) {
        nodes.push_back(last ? std::move(leaf)
                             : Node{.name = names[at], .field = {}, .geo = false, .children = {}});
        if (last) return success();
        found = nodes.end() - 1;
    } else if (last || found->field) {
        return refuse(leaf.field->text() + " and another field are both written to " + names[at] +
                      "; give one of them another name with `as`");
    }
    return insert(found->children, names, at + 1, std::move(leaf));
}

bool write_leaf(PayloadWriter& writer, std::string& out, const Node& node, std::string_view document) {
    const auto before = out.size();
    bool good = true;
    bool many = false;
    bool any = false;
    const auto each = [&](const bson::Value* value, bool one_of_many) {
        if (value == nullptr) return true;
        if (!any) {
            any = true;
            many = one_of_many;
            writer.name(node.name);
            if (many) out += '[';
        } else {
            if (!many) return false;
            out += ',';
        }
        good = node.geo ? writer.geo(*value) : writer.value(*value);
        return good;
    };
    if (!node.field->visit(document, each)) return writer.malformed();
    if (many) out += ']';
    if (!any) out.resize(before);
    return good;
}

bool write_nodes(PayloadWriter& writer, std::string& out, const std::vector<Node>& nodes,
                 std::string_view document) {
    return std::ranges::all_of(nodes, [&](const Node& node) {
        if (node.field) return write_leaf(writer, out, node, document);
        const auto before = out.size();
        writer.name(node.name);
        out += '{';
        const auto opened = out.size();
        if (!write_nodes(writer, out, node.children, document)) return false;
        if (out.size() == opened)
            out.resize(before);
        else
            out += '}';
        return true;
    });
}

}  // namespace

Result<PayloadSpec> PayloadSpec::compile(const std::optional<std::vector<PayloadField>>& fields,
                                         std::string_view left_out, std::string_view ignored) {
    PayloadSpec spec;
    spec.ignored_ = ignored;
    spec.whole_ = !fields;
    spec.left_out_ = left_out;
    DigestBuilder digest;
    digest.add(std::uint64_t{fields ? fields->size() + 1 : 0}).add(left_out);
    if (!fields && !ignored.empty()) digest.add(ignored);
    if (left_out == reserved_field)
        return refuse("_halcyon is reserved; choose another name for the chunk's text");
    for (const auto& field : fields.value_or(std::vector<PayloadField>{})) {
        auto path = Path::parse(field.field);
        if (path.has_error()) return fail(path.error().in("payload"));
        HALCYON_TRY(auto&& names, names_of(field, path.value()));
        if (names.front() == reserved_field || path.value().names().front() == reserved_field)
            return refuse("_halcyon is reserved; give the field another name");
        if (names.front() == left_out)
            return refuse(names.front() + " is also the name for the chunk's own text");
        Node leaf{.name = names.back(), .field = std::move(path.value()), .geo = field.geo, .children = {}};
        HALCYON_TRY(insert(spec.fields_, names, 0, std::move(leaf)));
        digest.add(field.field).add(field.as).add(std::uint64_t{field.geo});
    }
    spec.digest_ = digest.finish();
    return spec;
}

Result<std::string> PayloadSpec::render(std::string_view document) const {
    std::string out;
    out.reserve(whole_ ? document.size() + document.size() / 4 + 64 : 256);
    out += '{';
    PayloadWriter writer(out);
    const bool good = whole_ ? writer.fields_of(document, left_out_, ignored_)
                             : write_nodes(writer, out, fields_, document);
    if (!good)
        return fail(Verdict::reject, out.size() > most_bytes ? Cause::too_large : Cause::invalid,
                    writer.why());
    out += '}';
    return out;
}

Digest PayloadSpec::digest() const { return digest_; }

}  // namespace halcyon::render
