#include "pipeline/history_monitor.hpp"

#include <fmt/format.h>

#include "base/log.hpp"

namespace halcyon::pipeline {
namespace {

std::string text(seconds s) { return fmt::format("{} h {} min", s.count() / 3600, s.count() / 60 % 60); }

}  // namespace

Task<> HistoryMonitor::run() {
    for (;;) {
        co_await measure();
        co_await run_.ports.clock.sleep(run_.options.history_interval);
    }
}

Task<> HistoryMonitor::measure() {
    const auto history =
        co_await run_.ports.reader.history(Deadline::in(run_.ports.clock, run_.options.read_timeout));
    if (history.has_error()) {
        const auto& e = history.error();
        // While the source is away the intake says so; this would be told twice.
        const bool away = e.verdict == Verdict::retry;
        if (state_.unknown(e.context) == HistoryLeft::Tell::unknown && !away)
            log::info("source", "how long the position will last is unknown: {}", e.context);
        co_return;
    }
    switch (state_.measured(history_left(history.value(), intake_.settled()), history.value().full())) {
        case HistoryLeft::Tell::low:
            log::warn(
                "source",
                "MongoDB's history reaches only {} behind our position, {} is the bound "
                "(mongodb.history_warning): when it is lost, everything is compared again. Make the oplog "
                "larger (replSetResizeOplog), or find out in `halcyon status` what delays the position",
                text(*state_.left()), text(state_.bound()));
            break;
        case HistoryLeft::Tell::enough:
            log::info("source", "MongoDB's history reaches {} behind our position again",
                      text(*state_.left()));
            break;
        case HistoryLeft::Tell::unknown:
        case HistoryLeft::Tell::nothing:
            break;
    }
}

}  // namespace halcyon::pipeline
