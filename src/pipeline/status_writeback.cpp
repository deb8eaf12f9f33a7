#include "pipeline/status_writeback.hpp"

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

}  // namespace

StatusWriteback::StatusWriteback(RunState& run, StatusWriter& writer)
    : run_(run), writer_(writer), book_(most_documents), noted_(run.executor) {}

void StatusWriteback::note(const DocumentKey& key, const CollectionName& collection, StatusBook::News news) {
    if (book_.note(key, collection, news)) noted_.notify();
}

Task<bool> StatusWriteback::write_some() {
    const auto keys = book_.take(batch);
    if (keys.empty()) co_return true;
    writing_ = true;
    const auto done = co_await write(keys);
    writing_ = false;
    if (done.has_value()) co_return true;
    book_.put_back(keys);
    const auto why = describe(done.error());
    if (why != trouble_) log::warn("status", "no status can be written into MongoDB: {}", why);
    trouble_ = why;
    co_return false;
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
        while (book_.waiting() == 0) co_await noted_.wait();
        co_await run_.ports.clock.sleep(gather);
        if (co_await write_some())
            failures = 0;
        else
            co_await back_off(run_, ++failures);
    }
}

Task<> StatusWriteback::finish(Instant until) {
    while ((book_.waiting() > 0 || writing_) && run_.ports.clock.now() < until)
        if (writing_)
            co_await run_.ports.clock.sleep(milliseconds(10));
        else if (!co_await write_some())
            co_return;
}

WritebackFigures StatusWriteback::figures() const {
    return {written_, book_.waiting(), book_.dropped(), refused_, trouble_};
}

}  // namespace halcyon::pipeline
