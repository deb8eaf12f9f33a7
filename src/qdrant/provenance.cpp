#include "qdrant/provenance.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <limits>
#include <optional>

#include "core/json_text.hpp"
#include "qdrant/json.hpp"

namespace halcyon::qdrant {

namespace {

void append_digest(std::string& out, std::string_view name, Digest digest) {
    out += name;
    append_hex(out, digest.high);
    append_hex(out, digest.low);
    out += '"';
}

// Exactly `width` decimal digits at `text`, which is moved behind them.
std::optional<int> number(std::string_view& text, std::size_t width) {
    int value = 0;
    if (text.size() < width) return {};
    const auto [end, error] = std::from_chars(text.data(), text.data() + width, value);
    if (error != std::errc() || end != text.data() + width || text.front() == '-') return {};
    text.remove_prefix(width);
    return value;
}

bool skip(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

// What `rfc3339` prints, nothing else.
std::optional<WallTime> parse_time(std::string_view text) {
    const auto year = number(text, 4);
    if (!year || !skip(text, '-')) return {};
    const auto month = number(text, 2);
    if (!month || !skip(text, '-')) return {};
    const auto day = number(text, 2);
    if (!day || !skip(text, 'T')) return {};
    const auto hour = number(text, 2);
    if (!hour || !skip(text, ':')) return {};
    const auto minute = number(text, 2);
    if (!minute || !skip(text, ':')) return {};
    const auto second = number(text, 2);
    if (!second || !skip(text, '.')) return {};
    const auto ms = number(text, 3);
    if (!ms || text != "Z") return {};
    namespace c = std::chrono;
    const c::year_month_day date(c::year(*year), c::month(static_cast<unsigned>(*month)),
                                 c::day(static_cast<unsigned>(*day)));
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return {};
    const c::milliseconds since = c::sys_days(date).time_since_epoch() + c::hours(*hour) +
                                  c::minutes(*minute) + c::seconds(*second) + c::milliseconds(*ms);
    return WallTime{since.count()};
}

auto corrupted(std::string_view member, std::string_view value) {
    return fail(Verdict::reject, Cause::corrupted,
                fmt::format("_halcyon.{} does not decode: \"{}\"", member, value.substr(0, 100)));
}

}  // namespace

std::string document_tag(const SourceName& source, const CollectionName& collection, const DocumentKey& key) {
    return point_id(source, collection, key, 0).value();
}

std::size_t provenance_bytes(const Provenance& p) {
    constexpr std::size_t fixed = 512;
    constexpr std::size_t escaped = 7;  // a NUL becomes \\u0000
    // The densest BSON, an array of undefined, takes 3 bytes an item, and 29 in extended JSON inside a
    // string.
    constexpr std::size_t extended = 12;
    const auto& ns = p.key.ns;
    return fixed + extended * p.key.id.bytes().size() +
           escaped * (p.source.value().size() + 2 * ns.database.size() + ns.collection.size());
}

void ProvenanceEncoder::begin(const Provenance& p, std::string_view tag) {
    if (stamp_.empty() || p.version != version_ || p.at != at_) {
        if (stamp_.empty() || p.at != at_) at_text_ = rfc3339(p.at);
        version_ = p.version;
        at_ = p.at;
        stamp_ = ",\"version\":\"";
        stamp_ += version_.text();
        stamp_ += "\",\"at\":\"";
        stamp_ += at_text_;
        stamp_ += "\"}";
    }
    if (!head_.empty() && p.source == source_ && p.key == key_) return;
    if (namespace_head_.empty() || p.source != source_ || p.key.ns != key_.ns) {
        source_ = p.source;
        key_.ns = p.key.ns;
        namespace_head_ = "{\"source\":";
        json::append_string(namespace_head_, source_.value());
        namespace_head_ += ",\"ns\":";
        json::append_string(namespace_head_, key_.ns.text());
        namespace_head_ += ",\"db\":";
        json::append_string(namespace_head_, key_.ns.database);
    }
    key_.id = p.key.id;
    head_ = namespace_head_;
    // As text and not as an object: what Qdrant does with numbers and names inside must not matter.
    head_ += ",\"id\":";
    json::append_string(head_, key_.id.json());
    head_ += ",\"key\":";
    json::append_string(head_, tag.empty() ? document_tag(source_, collection_, key_) : tag);
}

void ProvenanceEncoder::append(std::string& out, const Provenance& p, std::string_view tag) {
    begin(p, tag);
    out += head_;
    out += ",\"chunk\":";
    append_number(out, p.chunk);
    out += ",\"chunks\":";
    append_number(out, p.chunks);
    append_digest(out, ",\"text\":\"", p.text);
    append_digest(out, ",\"payload\":\"", p.payload);
    append_digest(out, ",\"fp\":\"", p.fingerprint);
    out += stamp_;
}

Result<Provenance> decode(const ProvenanceFields& f) {
    Provenance p;
    if (f.source.empty()) return corrupted("source", f.source);
    p.source = SourceName(std::string(f.source));
    if (f.ns.size() < f.database.size() + 2 || !f.ns.starts_with(f.database) ||
        f.ns[f.database.size()] != '.')
        return corrupted("ns", f.ns);
    p.key.ns = {std::string(f.database), std::string(f.ns.substr(f.database.size() + 1))};
    auto id = DocId::from_json(f.id);
    if (!id) return corrupted("id", f.id);
    p.key.id = std::move(id).value();
    if (f.chunks == 0 || f.chunks > std::numeric_limits<std::uint32_t>::max()) return corrupted("chunks", "");
    if (f.chunk >= f.chunks) return corrupted("chunk", "");
    p.chunk = static_cast<std::uint32_t>(f.chunk);
    p.chunks = static_cast<std::uint32_t>(f.chunks);
    const auto text = Digest::from_hex(f.text);
    if (!text) return corrupted("text", f.text);
    const auto payload = Digest::from_hex(f.payload);
    if (!payload) return corrupted("payload", f.payload);
    const auto fingerprint = Digest::from_hex(f.fingerprint);
    if (!fingerprint) return corrupted("fp", f.fingerprint);
    const auto version = Version::parse(f.version);
    if (!version) return corrupted("version", f.version);
    const auto at = parse_time(f.at);
    if (!at) return corrupted("at", f.at);
    p.text = *text;
    p.payload = *payload;
    p.fingerprint = *fingerprint;
    p.version = *version;
    p.at = *at;
    return p;
}

}  // namespace halcyon::qdrant
