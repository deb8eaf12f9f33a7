#include "mongo/bson.hpp"

#include <bson/bson.h>
#include <fmt/format.h>

namespace halcyon::mongo {
namespace {

bool find(std::string_view bson, const char* name, bson_t* view, bson_iter_t* it) {
    return bson_init_static(view, reinterpret_cast<const std::uint8_t*>(bson.data()), bson.size()) &&
           bson_iter_init_find(it, view, name);
}

std::string hex(const std::uint8_t* data, std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i) out += fmt::format("{:02x}", data[i]);
    return out;
}

}  // namespace

static_assert(sizeof(bson_t) == 128 && alignof(bson_t) <= 128);

bson_t* Bson::get() { return reinterpret_cast<bson_t*>(value_); }
const bson_t* Bson::get() const { return reinterpret_cast<const bson_t*>(value_); }

Bson::Bson() { bson_init(get()); }
Bson::Bson(std::string_view bytes) : Bson() {
    bson_t view;
    if (bson_init_static(&view, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()))
        bson_concat(get(), &view);
}
Bson::~Bson() { bson_destroy(get()); }

bson_t* Bson::out() {
    bson_destroy(get());
    bson_init(get());
    return get();
}
std::string Bson::bytes() const { return std::string(bytes_of(get())); }

void BsonArray::text(std::string_view value) {
    bson_append_utf8(array_.get(), next().c_str(), -1, value.data(), static_cast<int>(value.size()));
}
void BsonArray::document(const Bson& value) {
    bson_append_document(array_.get(), next().c_str(), -1, value.get());
}
void BsonArray::first_of(std::string_view document) {
    bson_t view;
    bson_iter_t it;
    if (bson_init_static(&view, reinterpret_cast<const std::uint8_t*>(document.data()), document.size()) &&
        bson_iter_init(&it, &view) && bson_iter_next(&it))
        bson_append_value(array_.get(), next().c_str(), -1, bson_iter_value(&it));
}

std::string_view bytes_of(const bson_t* b) {
    return {reinterpret_cast<const char*>(bson_get_data(b)), b->len};
}
void append(Bson& b, const char* name, std::string_view text) {
    bson_append_utf8(b.get(), name, -1, text.data(), static_cast<int>(text.size()));
}
void append(Bson& b, const char* name, const Bson& document) {
    bson_append_document(b.get(), name, -1, document.get());
}
void append(Bson& b, const char* name, const BsonArray& array) {
    bson_append_array(b.get(), name, -1, array.get());
}
void append(Bson& b, const char* name, std::int32_t number) { bson_append_int32(b.get(), name, -1, number); }
void append(Bson& b, const char* name, ClusterTime time) {
    bson_append_timestamp(b.get(), name, -1, time.seconds, time.increment);
}

std::optional<std::string_view> find_document(std::string_view bson, const char* name) {
    bson_t view;
    bson_iter_t it;
    if (!find(bson, name, &view, &it) || !BSON_ITER_HOLDS_DOCUMENT(&it)) return {};
    std::uint32_t length = 0;
    const std::uint8_t* data = nullptr;
    bson_iter_document(&it, &length, &data);
    return std::string_view(reinterpret_cast<const char*>(data), length);
}

std::optional<std::string_view> find_text(std::string_view bson, const char* name) {
    bson_t view;
    bson_iter_t it;
    if (!find(bson, name, &view, &it) || !BSON_ITER_HOLDS_UTF8(&it)) return {};
    std::uint32_t length = 0;
    const char* text = bson_iter_utf8(&it, &length);
    return std::string_view(text, length);
}

std::optional<ClusterTime> find_time(std::string_view bson, const char* name) {
    bson_t view;
    bson_iter_t it;
    if (!find(bson, name, &view, &it) || !BSON_ITER_HOLDS_TIMESTAMP(&it)) return {};
    ClusterTime time;
    bson_iter_timestamp(&it, &time.seconds, &time.increment);
    return time;
}

std::optional<std::int64_t> find_date(std::string_view bson, const char* name) {
    bson_t view;
    bson_iter_t it;
    if (!find(bson, name, &view, &it) || !BSON_ITER_HOLDS_DATE_TIME(&it)) return {};
    return bson_iter_date_time(&it);
}

std::optional<std::int64_t> find_number(std::string_view bson, const char* name) {
    bson_t view;
    bson_iter_t it;
    if (!find(bson, name, &view, &it) || !BSON_ITER_HOLDS_NUMBER(&it)) return {};
    return bson_iter_as_int64(&it);
}

std::optional<std::string> find_hex(std::string_view bson, const char* name) {
    bson_t view;
    bson_iter_t it;
    if (!find(bson, name, &view, &it)) return {};
    if (BSON_ITER_HOLDS_OID(&it)) return hex(bson_iter_oid(&it)->bytes, sizeof(bson_oid_t::bytes));
    if (!BSON_ITER_HOLDS_BINARY(&it)) return {};
    bson_subtype_t type{};
    std::uint32_t length = 0;
    const std::uint8_t* data = nullptr;
    bson_iter_binary(&it, &type, &length, &data);
    return hex(data, length);
}

void for_each_document(std::string_view bson, const char* array,
                       const std::function<void(std::string_view)>& each) {
    bson_t view;
    bson_iter_t it;
    bson_iter_t entry;
    if (!find(bson, array, &view, &it) || !BSON_ITER_HOLDS_ARRAY(&it) || !bson_iter_recurse(&it, &entry))
        return;
    while (bson_iter_next(&entry)) {
        if (!BSON_ITER_HOLDS_DOCUMENT(&entry)) continue;
        std::uint32_t length = 0;
        const std::uint8_t* data = nullptr;
        bson_iter_document(&entry, &length, &data);
        each({reinterpret_cast<const char*>(data), length});
    }
}

}  // namespace halcyon::mongo
