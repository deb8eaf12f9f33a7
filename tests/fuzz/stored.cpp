// What lies on the disk, and what people pass back: records, keys, cursors, resume tokens, jobs. Front: which
// (1 byte).
#include <algorithm>
#include <string>

#include "core/utf8.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/values.hpp"
#include "jobs/records.hpp"
#include "mongo/protocol.hpp"
#include "mongo/token.hpp"
#include "state/codec.hpp"
#include "state/keys.hpp"

namespace halcyon::fuzz {
namespace {

/// What decodes is exactly what would be written.
template <class T>
void check_record(std::string_view bytes) {
    const auto record = state::decode<T>(bytes);
    if (record)
        HOLDS(state::encode(record.value()) == bytes);
    else
        HOLDS(record.error().verdict == Verdict::fatal && record.error().cause == Cause::corrupted);
}

void check_frontier(std::string_view bytes) {
    check_record<Frontier>(bytes);
    const auto frontier = state::decode<Frontier>(bytes);
    if (!frontier) return;
    const auto& position = frontier.value().position;
    mongo::stream_options(position, mongo::Detail::documents, 1000, std::chrono::seconds(1));
    HOLDS(mongo::position_of_token(position.token).token == position.token);
}

void check_key(std::string_view bytes) {
    const auto key = state::parse_key(bytes);
    if (!key) return;
    HOLDS(state::key_of(*key) == bytes);
    HOLDS(bytes.starts_with(state::prefix_of(key->collection, key->document.ns)));
    HOLDS(state::prefix_of(key->collection, key->document.ns).starts_with(state::prefix_of(key->collection)));
    HOLDS(utf8::valid(key->document.id.display()) && is_json(key->document.id.json()));
    for (const std::int64_t ms : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{1'700'000'000'000}}) {
        const bool retries = ms == 0;
        Owed note;
        note.attempts = retries ? 3 : 0;
        note.next_attempt = WallTime{ms};
        const auto due = state::due_key(*key, note);
        HOLDS(state::key_of_due(due) == bytes);
        HOLDS(due.starts_with(state::due_prefix(key->collection, retries, WallTime{ms})));
        note.next_attempt = WallTime{ms + 1};
        HOLDS(due < state::due_key(*key, note));
    }
}

/// A job is as it would be written, however it was.
void check_job(std::string_view text) {
    const auto record = jobs::decode(text);
    if (!record) {
        HOLDS(record.error().cause == Cause::corrupted || record.error().cause == Cause::unsupported);
        return;
    }
    const auto written = jobs::encode(record.value());
    HOLDS(is_json(written));
    const auto again = jobs::decode(written);
    HOLDS(again.has_value() && jobs::encode(again.value()) == written);
}

void check_cursor(std::string_view text) {
    if (const auto bytes = state::from_hex(text)) HOLDS(state::to_hex(*bytes) == text);
    HOLDS(state::from_hex(state::to_hex(text)) == text);
    const auto end = state::end_of(std::string(text));
    if (!end.empty()) HOLDS(end > text);
}

void check_token(std::string_view text) {
    std::string lower(text);
    for (auto& c : lower)
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    const auto head = mongo::decode_token(text);
    HOLDS(mongo::decode_token(lower) == head);
    const auto time = mongo::token_time(text);
    HOLDS(mongo::token_time(lower) == time);
    if (head) HOLDS(time == head->time && head->version <= 2);
    if (time) HOLDS(mongo::token_time(text.substr(0, 18)) == time);
    for (std::size_t cut = 0; cut < std::min<std::size_t>(text.size(), 40); ++cut) {
        const auto shorter = mongo::decode_token(text.substr(0, cut));
        if (shorter) HOLDS(shorter == head);
    }
}

}  // namespace

void run(Input input) {
    const auto kind = input.choice(12);
    const auto bytes = input.rest();
    switch (kind) {
        case 0:
            return check_record<Receipt>(bytes);
        case 1:
            return check_record<Owed>(bytes);
        case 2:
            return check_record<DeadLetter>(bytes);
        case 3:
            return check_frontier(bytes);
        case 4:
            return check_record<SnapshotProgress>(bytes);
        case 5:
            return check_record<NamespaceTombstone>(bytes);
        case 6:
            return check_record<CollectionCounts>(bytes);
        case 7:
            return check_key(bytes);
        case 8:
            static_cast<void>(state::key_of_due(bytes));
            return;
        case 9:
            return check_cursor(bytes);
        case 10:
            return check_token(bytes);
        default:
            return check_job(bytes);
    }
}

}  // namespace halcyon::fuzz
