#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api/document_json.hpp"
#include "api/job_json.hpp"
#include "api/overview_json.hpp"
#include "app/commands.hpp"
#include "app/loop.hpp"
#include "async/clock.hpp"
#include "async/pool.hpp"
#include "cli/question.hpp"
#include "jobs/records.hpp"
#include "state/rocks_store.hpp"

namespace halcyon::app {
namespace {

constexpr std::size_t page_rows = 1000;

struct StoredStatus {
    StoredState state;
    std::vector<CollectionCounts> counts;
};

Task<> read_status(StateReader* reader, std::optional<Result<StoredStatus>>* out) {
    auto state = co_await reader->load();
    if (state.has_error()) {
        *out = fail(state.error());
        co_return;
    }
    auto counts = co_await reader->counts();
    if (counts.has_error())
        *out = fail(counts.error());
    else
        *out = StoredStatus{std::move(state.value()), std::move(counts.value())};
}

Task<> read_letters(StateReader* reader, std::optional<CollectionName> collection,
                    std::optional<Result<Page<DeadLetter>>>* out) {
    Page<DeadLetter> all;
    std::optional<std::string> from;
    do {
        auto page = co_await reader->dead_letters(collection, from, page_rows);
        if (page.has_error()) {
            *out = fail(page.error());
            co_return;
        }
        std::move(page.value().rows.begin(), page.value().rows.end(), std::back_inserter(all.rows));
        from = page.value().next;
    } while (from);
    *out = std::move(all);
}

struct DocumentsAsked {
    DocumentFilter filter;
    std::optional<std::string> from;
    std::size_t limit = 0;  // 0: all
};

Task<> read_documents(StateReader* reader, DocumentsAsked asked, std::optional<Result<Page<Stored>>>* out) {
    Page<Stored> all;
    do {
        const auto left = asked.limit == 0 ? page_rows : asked.limit - all.rows.size();
        auto page = co_await reader->documents(asked.filter, asked.from, std::min(left, page_rows));
        if (page.has_error()) {
            *out = fail(page.error());
            co_return;
        }
        std::move(page.value().rows.begin(), page.value().rows.end(), std::back_inserter(all.rows));
        asked.from = all.next = page.value().next;
    } while (all.next && (asked.limit == 0 || all.rows.size() < asked.limit));
    *out = std::move(all);
}

Task<> read_jobs(StateReader* reader, std::optional<Result<std::vector<Job>>>* out) {
    *out = co_await jobs::stored_jobs(reader);
}

/// Routes and collections as the settings name them, with what is stored of each.
Overview status_of(const AppSettings& settings, const StoredStatus& stored) {
    Overview s;
    if (stored.state.frontier) s.epoch = stored.state.frontier->epoch;
    for (const auto& r : settings.pipeline.routes) {
        const bool done = std::any_of(
            stored.state.snapshots.begin(), stored.state.snapshots.end(),
            [&](const auto& p) { return p.ns == r.from && p.collection == r.to && p.complete(); });
        s.routes.push_back({r.from.text(), r.to.value(), done ? "done" : "waiting", 0, 0});
    }
    for (const auto& c : settings.pipeline.collections) {
        s.collections.emplace_back();
        s.collections.back().name = c.spec.name.value();
    }
    return s;
}

/// Opens the folder, lets `read` ask it, and prints what came of it.
template <class T, class Read, class Print>
cli::Exit with_folder(const AppSettings& settings, Read read, Print print) {
    async::ThreadPool pool(1, "read");
    boost::asio::io_context loop;
    auto opened = state::open_read_only(settings.state, pool);
    if (opened.has_error()) {
        const bool none = opened.error().cause == Cause::not_found;
        fmt::print(stderr, "no sidecar runs{}\n",
                   none ? fmt::format(", and {}; start one with `halcyon run`", opened.error().context)
                        : fmt::format("; {}", describe(opened.error())));
        return none ? cli::Exit::unreachable : cli::Exit::failed;
    }
    std::optional<Result<T>> out;
    run_on(loop, read(opened.value().get(), &out));
    if (out->has_error()) {
        fmt::print(stderr, "{}\n", describe(out->error()));
        return cli::Exit::failed;
    }
    fmt::print(stderr, "no sidecar runs; read from {}\n", settings.state.path);
    print(out->value());
    return cli::Exit::done;
}

}  // namespace

cli::Exit stored_status(const AppSettings& settings, bool json) {
    return with_folder<StoredStatus>(settings, read_status, [&](const StoredStatus& stored) {
        api::Snapshot snapshot;
        snapshot.version = HALCYON_VERSION;
        snapshot.now = async::SystemClock().wall();
        snapshot.stopped = true;
        snapshot.overview = status_of(settings, stored);
        snapshot.counts = stored.counts;
        cli::print_reply(json, api::overview_json(snapshot), cli::status_text);
    });
}

cli::Exit stored_letters(const AppSettings& settings, const std::string& collection, LetterForm form) {
    const auto wanted = collection.empty() ? std::nullopt : std::optional(CollectionName(collection));
    const auto read = [&](StateReader* reader, std::optional<Result<Page<DeadLetter>>>* out) {
        return read_letters(reader, wanted, out);
    };
    return with_folder<Page<DeadLetter>>(settings, read, [&](const Page<DeadLetter>& letters) {
        const auto text = api::dead_letters_json(letters);
        if (form == LetterForm::lines)
            fmt::print("{}", cli::letter_lines(text));
        else
            cli::print_reply(form == LetterForm::json, text, cli::letters_text);
    });
}

cli::Exit stored_documents(const AppSettings& settings, const cli::DocumentChoice& which, bool json) {
    std::string field;
    const auto filter = api::document_filter({which.status, which.collection, which.ns}, &field);
    if (filter.has_error()) {
        fmt::print(stderr, "{}\n", filter.error().context);
        return cli::Exit::usage;
    }
    const DocumentsAsked asked{filter.value(), which.from.empty() ? std::nullopt : std::optional(which.from),
                               which.limit};
    const auto read = [&](StateReader* reader, std::optional<Result<Page<Stored>>>* out) {
        return read_documents(reader, asked, out);
    };
    return with_folder<Page<Stored>>(settings, read, [&](const Page<Stored>& page) {
        cli::print_reply(json, api::documents_json(page), cli::documents_text);
        if (page.next && !json) cli::say_that_there_are_more(*page.next);
    });
}

cli::Exit stored_jobs(const AppSettings& settings, bool json) {
    return with_folder<std::vector<Job>>(settings, read_jobs, [&](const std::vector<Job>& jobs) {
        cli::print_reply(json, api::jobs_json(jobs), cli::jobs_text);
    });
}

}  // namespace halcyon::app
