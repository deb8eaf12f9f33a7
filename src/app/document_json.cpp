#include "app/document_json.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "core/utf8.hpp"

namespace halcyon::app {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_error = 500;

json::value when(WallTime t) { return t.ms > 0 ? json::value(rfc3339(t)) : json::value(nullptr); }
json::value hex(Digest d) { return d.empty() ? json::value(nullptr) : json::value(d.hex()); }

}  // namespace

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
    row["code"] = failed ? json::value(to_string(code)) : json::value(nullptr);
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

json::array changes_json(const std::vector<pipeline::RouteChange>& changes) {
    json::array out;
    for (const auto& c : changes) {
        json::array parts;
        for (const auto& part : c.parts) parts.emplace_back(part);
        out.push_back(json::object{{"from", c.from.text()},
                                   {"to", c.to.value()},
                                   {"kind", to_string(c.kind)},
                                   {"parts", std::move(parts)},
                                   {"documents", c.documents},
                                   {"says", sentence(c)}});
    }
    return out;
}

}  // namespace halcyon::app
