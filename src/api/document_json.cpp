#include "api/document_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "core/utf8.hpp"

namespace halcyon::api {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_error = 500;

json::value hex(Digest d) { return d.empty() ? json::value(nullptr) : json::value(d.hex()); }

}  // namespace

json::value when(WallTime t) { return t.ms > 0 ? json::value(rfc3339(t)) : json::value(nullptr); }

std::string bounded(std::string_view text, std::size_t most) {
    if (text.size() <= most) return std::string(text);
    return std::string(utf8::cut(text, most)) + "...";
}

json::object stored_json(const ReceiptKey& key, const Stored& stored) {
    json::object row{{"collection", key.collection.value()},
                     {"namespace", key.document.ns.text()},
                     {"id", key.document.id.json()}};
    const auto status = stored.status();
    row["status"] = status ? json::value(to_string(*status)) : json::value(nullptr);
    const auto receipt = stored.receipt.value_or(Receipt{});
    const auto owed = stored.owed.value_or(Owed{});
    const auto letter = stored.letter.value_or(DeadLetter{});
    const bool failed = stored.letter || owed.attempts > 0;
    const auto code = stored.letter ? letter.code : owed.code;
    const auto& reason = stored.letter ? letter.reason : owed.reason;
    row["last_success"] = when(receipt.at);
    row["last_attempt"] = when(std::max({receipt.at, owed.last_attempt, letter.last}));
    row["attempts"] = stored.letter ? letter.attempts : owed.attempts;
    row["next_attempt"] = stored.owed ? when(owed.next_attempt) : json::value(nullptr);
    row["dead_letter"] = stored.letter.has_value();
    row["code"] = failed && code != ErrorCode::none ? json::value(to_string(code)) : json::value(nullptr);
    row["error"] = failed ? json::value(bounded(reason, longest_error)) : json::value(nullptr);
    row["waits_for"] =
        !failed && stored.owed ? json::value(bounded(reason, longest_error)) : json::value(nullptr);
    row["text_digest"] = hex(receipt.text);
    row["payload_digest"] = hex(receipt.payload);
    row["chunks"] = receipt.chunks;
    row["vector_version"] = receipt.embeddings;
    row["version"] = receipt.version.empty() ? json::value(nullptr) : json::value(receipt.version.text());
    row["changed"] = when(stored.changed());
    return row;
}

std::string documents_json(const Page<Stored>& page) {
    json::array rows;
    for (const auto& [key, stored] : page.rows) rows.push_back(stored_json(key, stored));
    json::object out{{"documents", std::move(rows)}};
    if (page.next) out["next"] = *page.next;
    return json::serialize(out);
}

std::string dead_letters_json(const Page<DeadLetter>& page) {
    json::array rows;
    for (const auto& [key, letter] : page.rows)
        rows.push_back(json::object{{"collection", key.collection.value()},
                                    {"namespace", key.document.ns.text()},
                                    {"id", key.document.id.json()},
                                    {"code", to_string(letter.code)},
                                    {"reason", letter.reason},
                                    {"attempts", letter.attempts},
                                    {"first", rfc3339(letter.first)},
                                    {"last", rfc3339(letter.last)},
                                    {"payload", letter.payload}});
    json::object out{{"letters", std::move(rows)}};
    if (page.next) out["next"] = *page.next;
    return json::serialize(out);
}

Result<DocumentFilter> document_filter(const DocumentQuery& query, std::string* field) {
    DocumentFilter filter;
    if (!query.status.empty()) {
        filter.status = parse_status(query.status);
        *field = "status";
        if (!filter.status)
            return fail(Verdict::reject, Cause::invalid,
                        fmt::format("{} is none of synced, pending, stale, failed", query.status));
    }
    if (!query.ns.empty()) {
        *field = "namespace";
        HALCYON_TRY(filter.ns, Namespace::parse(query.ns));
    }
    if (!query.collection.empty()) filter.collection = CollectionName(query.collection);
    return filter;
}

}  // namespace halcyon::api
