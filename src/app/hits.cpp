#include "app/hits.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/table.hpp"
#include "core/key.hpp"

namespace halcyon::app {
namespace {

namespace json = boost::json;

struct Row {
    json::object payload;  // without `_halcyon`
    json::object halcyon;
};

Row row_of(const qdrant::Hit& hit) {
    Row row;
    boost::system::error_code ec;
    auto parsed = json::parse(hit.payload, ec);
    if (ec || !parsed.is_object()) return row;
    row.payload = std::move(parsed.as_object());
    if (const auto* ours = row.payload.if_contains("_halcyon"); ours && ours->is_object())
        row.halcyon = ours->as_object();
    row.payload.erase("_halcyon");
    return row;
}

std::string text(const json::object& o, std::string_view name) {
    const auto* v = o.if_contains(name);
    return v && v->is_string() ? std::string(v->as_string()) : "";
}

/// As people write it: 5, "5", ObjectId(..).
std::string display(const std::string& id) {
    const auto parsed = DocId::parse(id);
    return parsed.has_value() ? parsed.value().display() : id;
}

std::string fields(const json::object& payload) {
    std::string out;
    for (const auto& [name, value] : payload) {
        if (!out.empty()) out += "  ";
        out += std::string(name) + ": ";
        out += value.is_string() ? std::string(value.as_string()) : json::serialize(value);
    }
    return out;
}

}  // namespace

std::string hits_text(const std::vector<qdrant::Hit>& hits, std::size_t width) {
    if (hits.empty()) return "nothing found";
    std::string out;
    for (const auto& hit : hits) {
        const auto row = row_of(hit);
        const auto id = text(row.halcyon, "id");
        const auto line = fmt::format("{:8.4f}  {}  {}", hit.score,
                                      id.empty() ? hit.id : text(row.halcyon, "ns") + " " + display(id),
                                      fields(row.payload));
        if (!out.empty()) out += '\n';
        out += cli::shortened(line, width);
    }
    return out;
}

std::string hits_json(const std::vector<qdrant::Hit>& hits) {
    json::array rows;
    for (const auto& hit : hits) {
        auto row = row_of(hit);
        const auto* chunk = row.halcyon.if_contains("chunk");
        rows.push_back(json::object{{"score", hit.score},
                                    {"point", hit.id},
                                    {"namespace", text(row.halcyon, "ns")},
                                    {"id", text(row.halcyon, "id")},
                                    {"chunk", chunk ? *chunk : json::value(0)},
                                    {"payload", std::move(row.payload)}});
    }
    return json::serialize(json::object{{"hits", std::move(rows)}});
}

}  // namespace halcyon::app
