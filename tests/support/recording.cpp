#include "support/recording.hpp"

#include <bson/bson.h>

#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace halcyon::test {
namespace {

using Owned = std::unique_ptr<bson_t, decltype(&bson_destroy)>;

Owned view(std::string_view bytes) {
    return {bson_new_from_data(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()),
            &bson_destroy};
}

std::string part(const boost::json::object& row, const char* name) {
    const auto* value = row.if_contains(name);
    return value && value->is_object() ? bson(boost::json::serialize(*value)) : std::string();
}

std::string text(const boost::json::object& row, const char* name) {
    const auto* value = row.if_contains(name);
    return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

}  // namespace

std::string bson(std::string_view json) {
    bson_error_t error{};
    const Owned b(bson_new_from_json(reinterpret_cast<const std::uint8_t*>(json.data()),
                                     static_cast<ssize_t>(json.size()), &error),
                  &bson_destroy);
    if (!b) throw std::runtime_error(std::string("no extended JSON: ") + error.message);
    return {reinterpret_cast<const char*>(bson_get_data(b.get())), b->len};
}

std::string json(std::string_view bytes) {
    const auto b = view(bytes);
    if (!b) throw std::runtime_error("no BSON");
    const std::unique_ptr<char, decltype(&bson_free)> text(bson_as_canonical_extended_json(b.get(), nullptr),
                                                           &bson_free);
    return text.get();
}

std::string RecordedRow::name() const {
    const auto b = view(command);
    bson_iter_t it;
    if (!b || !bson_iter_init(&it, b.get()) || !bson_iter_next(&it)) return {};
    std::string out = bson_iter_key(&it);
    if (BSON_ITER_HOLDS_UTF8(&it)) out += std::string(" ") + bson_iter_utf8(&it, nullptr);
    return out;
}

std::string RecordedRow::errmsg() const {
    const auto b = view(failure);
    bson_iter_t it;
    return b && bson_iter_init_find(&it, b.get(), "errmsg") ? bson_iter_utf8(&it, nullptr) : "";
}

int RecordedRow::code() const {
    const auto b = view(failure);
    bson_iter_t it;
    return b && bson_iter_init_find(&it, b.get(), "code") ? static_cast<int>(bson_iter_as_int64(&it)) : 0;
}

std::vector<std::string> RecordedRow::batch() const {
    std::vector<std::string> out;
    const auto b = view(reply);
    bson_iter_t it;
    bson_iter_t at;
    for (const char* path : {"cursor.firstBatch", "cursor.nextBatch"}) {
        if (!b || !bson_iter_init(&it, b.get()) || !bson_iter_find_descendant(&it, path, &at)) continue;
        bson_iter_t each;
        if (!bson_iter_recurse(&at, &each)) continue;
        while (bson_iter_next(&each)) {
            std::uint32_t length = 0;
            const std::uint8_t* data = nullptr;
            bson_iter_document(&each, &length, &data);
            out.emplace_back(reinterpret_cast<const char*>(data), length);
        }
    }
    return out;
}

const std::vector<RecordedRow>& recording(const std::string& name) {
    static std::map<std::string, std::vector<RecordedRow>> cache;
    auto& rows = cache[name];
    if (!rows.empty()) return rows;
    const auto path = std::string(HALCYON_SOURCE_DIR) + "/tests/fixtures/mongodb-" + name + ".json";
    std::ifstream file(path);
    std::stringstream all;
    all << file.rdbuf();
    const auto parsed = boost::json::parse(all.str());
    for (const auto& value : parsed.at("rows").as_array()) {
        const auto& row = value.as_object();
        // The one row that was raised by a client is told in another form.
        const char* failure = row.contains("details") ? "details" : "failure";
        rows.push_back({text(row, "scenario"), text(row, "db"), part(row, "command"), part(row, "reply"),
                        part(row, failure)});
    }
    return rows;
}

std::vector<RecordedRow> scenario(const std::string& name, std::string_view wanted) {
    std::vector<RecordedRow> out;
    for (const auto& row : recording(name))
        if (row.scenario == wanted) out.push_back(row);
    if (out.empty()) throw std::runtime_error("no such scenario: " + std::string(wanted));
    return out;
}

std::string first_reply(const char* file, std::string_view name) {
    for (const auto& row : recording(file))
        if (row.name() == name && !row.reply.empty()) return row.reply;
    throw std::runtime_error("not recorded: " + std::string(name));
}

std::string first_failure(const char* file, std::string_view name, int code) {
    for (const auto& row : recording(file))
        if (row.name() == name && row.code() == code) return row.failure;
    throw std::runtime_error("not recorded: " + std::string(name));
}

}  // namespace halcyon::test
