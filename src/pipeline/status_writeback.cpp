#include "pipeline/status_writeback.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace halcyon::pipeline {
namespace {

constexpr std::size_t most_documents = 32'768;  // keys: a few MiB
constexpr std::size_t batch = 500;
constexpr std::size_t longest_error = 500;
// Several changes of a document in a row are one write.
constexpr auto gather = milliseconds(500);

void shorten(std::string& text) {
    if (text.size() <= longest_error) return;
    auto end = longest_error;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    text.resize(end);
}

/// The note that says where all statuses of a namespace were written.
constexpr std::string_view note_prefix = "status/";

std::string note_of(const Namespace& ns) { return std::string(note_prefix) + ns.text(); }

}  // namespace

StatusWriteback::StatusWriteback(RunState& run, StatusWriter& writer)
    : run_(run), writer_(writer), book_(most_documents), noted_(run.executor) {}

void StatusWriteback::note(const DocumentKey& key, const CollectionName& collection, StatusBook::News news) {
    const auto dropped = book_.dropped();
    if (book_.note(key, collection, news))
        noted_.notify();
    else if (book_.dropped() != dropped && again_.insert(key.ns).second)
        run_.committer.note(note_of(key.ns), "");
}

Task<bool> StatusWriteback::write_some() {
    const auto keys = book_.take(batch);
    if (keys.empty()) co_return true;
    ++writing_;
    const auto done = co_await write(keys);
    --writing_;
    if (done.has_error()) book_.put_back(keys);
    co_return went_well(done);
}

bool StatusWriteback::went_well(const Result<>& done) {
    if (done.has_value()) return true;
    const auto why = describe(done.error());
    if (why != trouble_) log::warn("status", "no status can be written into MongoDB: {}", why);
    trouble_ = why;
    return false;
}

void StatusWriteback::know(const StoredState& stored) {
    for (const auto& [ns, lanes] : run_.edges) {
        const auto name = note_of(ns);
        const bool done =
            stored.clean && std::any_of(stored.notes.begin(), stored.notes.end(), [&](auto& note) {
                return note.first == name && note.second == writer_.place();
            });
        if (!done) pass_over(ns);
    }
}

void StatusWriteback::forget(Committer* committer, const StoredState& stored) {
    for (const auto& [name, value] : stored.notes)
        if (name.starts_with(note_prefix) && !value.empty()) committer->note(name, "");
}

void StatusWriteback::pass_over(const Namespace& ns) {
    for (const auto* lane : run_.edges.at(ns))
        for (const bool letters : {false, true}) parts_.push_back({ns, lane->name(), letters});
}

Task<bool> StatusWriteback::catch_up() {
    ++writing_;
    const auto done = co_await next_page();
    --writing_;
    co_return went_well(done);
}

/// MongoDB leaves a document alone that has this very status already.
Task<Result<>> StatusWriteback::next_page() {
    const auto& part = parts_.front();
    std::vector<DocumentKey> keys;
    std::optional<std::string> next;
    if (part.letters) {
        HALCYON_CO_TRY(const auto page,
                       co_await run_.ports.state.dead_letters(part.collection, from_, batch));
        for (const auto& [key, letter] : page.rows)
            if (key.document.ns == part.ns) keys.push_back(key.document);
        next = page.next;
    } else {
        HALCYON_CO_TRY(const auto page,
                       co_await run_.ports.state.scan_receipts(part.collection, part.ns, from_, batch));
        for (const auto& [key, receipt] : page.rows)
            if (!receipt.deleted) keys.push_back(key.document);
        next = page.next;
    }
    if (!keys.empty()) {
        HALCYON_CO_TRY(co_await write(std::move(keys)));
    }
    from_ = std::move(next);
    if (from_) co_return success();
    const auto ns = part.ns;
    parts_.pop_front();
    const auto more = std::any_of(parts_.begin(), parts_.end(), [&](const Part& p) { return p.ns == ns; });
    if (!more && !again_.contains(ns)) run_.committer.note(note_of(ns), writer_.place());
    co_return success();
}

Task<Result<>> StatusWriteback::write(std::vector<DocumentKey> keys) {
    // What was noted is stored now, and read back as it is: the newest state is said, whatever was noted.
    HALCYON_CO_TRY(co_await run_.committer.commit_now({}, Durability::buffered));
    std::vector<ReceiptKey> asked;
    std::vector<StatusRow> rows;
    for (const auto& key : keys) {
        const auto edge = run_.edges.find(key.ns);
        if (edge == run_.edges.end()) continue;
        rows.push_back({key, {}});
        for (const auto* lane : edge->second) asked.push_back({lane->name(), key});
    }
    HALCYON_CO_TRY(const auto stored, co_await run_.ports.state.stored(asked));
    for (std::size_t i = 0, row = 0; i < asked.size(); ++i) {
        while (rows[row].key != asked[i].document) ++row;
        auto entry = status_entry(stored[i]);
        if (entry) shorten(entry->last_error);
        rows[row].collections.insert_or_assign(asked[i].collection, std::move(entry));
    }
    const auto count = rows.size();
    HALCYON_CO_TRY(
        const auto done,
        co_await writer_.write(std::move(rows), Deadline::in(run_.ports.clock, run_.options.write_timeout)));
    trouble_.clear();
    written_ += count - done.refused;
    if (done.refused > 0 && std::exchange(refused_, refused_ + done.refused) == 0)
        log::warn("status", "{} documents take no status: {}", done.refused, done.why);
    co_return success();
}

Task<> StatusWriteback::run() {
    for (unsigned failures = 0;;) {
        if (parts_.empty())
            for (const auto& ns : std::exchange(again_, {})) pass_over(ns);
        while (book_.waiting() == 0 && (parts_.empty() || run_.stopping)) co_await noted_.wait();
        co_await run_.ports.clock.sleep(gather);
        const bool passing = book_.waiting() == 0 && !parts_.empty() && !run_.stopping;
        if (passing ? co_await catch_up() : co_await write_some())
            failures = 0;
        else
            co_await back_off(run_, ++failures);
    }
}

Task<> StatusWriteback::finish(Instant until) {
    while ((book_.waiting() > 0 || writing_ > 0) && run_.ports.clock.now() < until)
        if (writing_ > 0)
            co_await run_.ports.clock.sleep(milliseconds(10));
        else if (!co_await write_some())
            break;
    // What is left nobody will write, unless the next start passes over everything.
    std::set<Namespace> left;
    if (writing_ > 0)
        for (const auto& [ns, lanes] : run_.edges) left.insert(ns);
    for (auto keys = book_.take(batch); !keys.empty(); keys = book_.take(batch))
        for (const auto& key : keys) left.insert(key.ns);
    if (left.empty()) co_return;
    Commit commit;
    for (const auto& ns : left) commit.notes.emplace_back(note_of(ns), "");
    // Not stored: the stop is not clean, and the next start passes over everything as well.
    static_cast<void>(co_await run_.committer.commit_now(std::move(commit), Durability::synced));
}

WritebackFigures StatusWriteback::figures() const {
    return {written_, book_.waiting(), book_.dropped(), refused_, trouble_, !parts_.empty()};
}

}  // namespace halcyon::pipeline
