#include "cli/watch.hpp"

#include <fmt/format.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <csignal>
#include <cstdio>

#include "async/clock.hpp"
#include "cli/table.hpp"

namespace halcyon::cli {

struct Interruptible::State {
    boost::asio::io_context loop;
    boost::asio::signal_set signals{loop, SIGINT, SIGTERM};
    bool interrupted = false;
};

Interruptible::Interruptible() : state_(std::make_unique<State>()) {
    state_->signals.async_wait(
        [s = state_.get()](const boost::system::error_code& e, int) { s->interrupted = !e; });
}

Interruptible::~Interruptible() = default;

bool Interruptible::wait(std::chrono::milliseconds time) {
    auto& s = *state_;
    bool passed = false;
    boost::asio::steady_timer timer(s.loop, time);
    timer.async_wait([&](const boost::system::error_code& e) { passed = !e; });
    s.loop.restart();
    while (!s.interrupted && !passed && s.loop.run_one() > 0) {
    }
    timer.cancel();
    s.loop.restart();
    s.loop.poll();  // the timer's handler looks at this frame
    return !s.interrupted;
}

std::string redrawn(const std::string& text, std::size_t width, std::size_t height) {
    std::string out = "\x1b[H";
    std::size_t lines = 0;
    for (std::size_t at = 0; at < text.size() && lines + 1 < height; ++lines) {
        const auto end = std::min(text.find('\n', at), text.size());
        out += "\x1b[K" + shortened(std::string_view(text).substr(at, end - at), width) + "\n";
        at = end + 1;
    }
    return out + "\x1b[J";
}

namespace {

void show_one(const Target& target, const Answer& a, Shown shown, const std::string& trouble) {
    if (target.json) {
        if (trouble.empty())
            fmt::print("{}\n", boost::json::serialize(a.body()));
        else
            fmt::print(stderr, "{}\n", trouble);
    } else if (on_terminal()) {
        const auto heading = fmt::format("{} UTC, each {} s; Ctrl-C ends{}\n\n",
                                         rfc3339(async::SystemClock{}.wall()).substr(11, 8),
                                         target.watch->count(), trouble.empty() ? "" : "; " + trouble);
        fmt::print("{}", redrawn(heading + shown(a.raw), terminal_width(), terminal_height()));
    } else if (trouble.empty()) {
        fmt::print("{}\n", visible_lines(shown(a.raw)));
    } else {
        fmt::print(stderr, "{}\n", trouble);
    }
    std::fflush(stdout);
}

}  // namespace

Exit show(const Target& target, const Ask& ask, Shown shown) {
    auto last = ask();
    if (last.exit != Exit::done) {
        if (!last.nobody && !last.said.empty()) fmt::print(stderr, "{}\n", visible(last.said));
        return without_answer(target, last);
    }
    if (!target.watch) {
        print_reply(target.json, last.raw, shown);
        return Exit::done;
    }
    Interruptible interruptible;
    if (!target.json && on_terminal()) fmt::print("\x1b[2J");
    show_one(target, last, shown, {});
    while (interruptible.wait(*target.watch)) {
        auto next = ask();
        if (next.exit == Exit::unreachable) {
            show_one(target, last, shown, visible(next.said));
            continue;
        }
        if (next.exit != Exit::done) {
            fmt::print(stderr, "{}\n", visible(next.said));
            return next.exit;
        }
        last = std::move(next);
        show_one(target, last, shown, {});
        if (std::ferror(stdout)) return Exit::done;  // nobody reads it any more
    }
    return Exit::done;
}

}  // namespace halcyon::cli
