#include "cli/top/top.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json.hpp>
#include <csignal>
#include <cstdlib>
#include <deque>

#include "async/alarm.hpp"
#include "async/task_group.hpp"
#include "async/waiter.hpp"
#include "cli/ask.hpp"
#include "cli/question.hpp"
#include "cli/table.hpp"
#include "cli/top/screen.hpp"
#include "cli/top/terminal.hpp"
#include "net/client/origin.hpp"
#include "net/server/message.hpp"

namespace halcyon::cli::top {
namespace {

namespace asio = boost::asio;
constexpr auto as_result = asio::as_tuple(async::use_task);
constexpr std::chrono::seconds between_replies{1};
constexpr std::chrono::seconds patience{10};
constexpr std::size_t views_compared = 5;  // rates are those of the last few seconds

struct Session {
    Session(async::Executor e, Access a, net::HttpClient c)
        : executor(e), access(std::move(a)), client(std::move(c)), again(e), quit(e), group(e) {}
    async::Executor executor;
    Access access;
    net::HttpClient client;
    async::SystemClock clock{};
    Screen screen{};
    std::deque<std::pair<Instant, View>> views{};
    async::Event again;  // ask now
    async::Event quit;
    async::TaskGroup group;  // what was asked for by keys
    Terminal terminal{};
    const bool ansi = std::getenv("NO_COLOR") == nullptr;

    void draw() {
        if (!terminal.draw(frame(screen, terminal_width(), terminal_height(), ansi))) quit.notify();
    }
};
using Shared = std::shared_ptr<Session>;

Task<Answer> ask_for(Shared s, std::string method, std::string target) {
    const auto reply =
        co_await s->client.send(request_of(method, target, {}), Deadline::in(s->clock, patience));
    co_return answer_of(s->access, method, reply);
}

void take(Session& s, const Answer& status, const Answer& jobs) {
    if (status.exit != Exit::done) {
        s.screen.trouble = visible(status.said);
        s.screen.rates.reset();
        s.views.clear();
        return;
    }
    static const boost::json::object none;
    auto view = view_of(status.body(), jobs.exit == Exit::done ? jobs.body() : none);
    const auto now = s.clock.now();
    const auto with =
        s.views.empty() ? std::nullopt : rates(s.views.front().second, view, now - s.views.front().first);
    if (!with) s.views.clear();
    s.views.emplace_back(now, view);
    if (s.views.size() > views_compared) s.views.pop_front();
    s.screen.show(std::move(view), with);
}

Task<> poll(Shared s) {
    for (;;) {
        const auto status = co_await ask_for(s, "GET", "/v1/status");
        const auto jobs = co_await ask_for(s, "GET", "/v1/jobs");
        take(*s, status, jobs);
        s->draw();
        const async::Alarm alarm(s->executor, between_replies, [s] { s->again.notify(); });
        co_await s->again.wait();
    }
}

Task<> set(Shared s, std::string collection, std::string what) {
    const auto a = co_await ask_for(
        s, "POST", fmt::format("/v1/collections/{}/{}", net::percent_encode(collection), what));
    s->screen.note = a.exit == Exit::done ? fmt::format("{}: {}d", collection, what) : visible(a.said);
    s->again.notify();
}

void act(const Shared& s, Wish wish) {
    if (wish == Wish::quit) s->quit.notify();
    if (wish == Wish::suspend) s->terminal.suspend();
    if (wish == Wish::pause || wish == Wish::resume)
        s->group.spawn(set(s, s->screen.selected, wish == Wish::pause ? "pause" : "resume"));
}

Task<> keys(Shared s) {
    asio::posix::basic_stream_descriptor<async::Executor> input(s->executor, ::dup(s->terminal.keys()));
    std::array<char, 64> bytes{};
    for (;;) {
        const auto [error, n] = co_await input.async_read_some(asio::buffer(bytes), as_result);
        if (error) break;
        for (const auto key : keys_of({bytes.data(), n})) act(s, press(s->screen, key));
        s->draw();
    }
    s->quit.notify();  // the terminal has gone
}

Task<> signals(Shared s) {
    asio::basic_signal_set<async::Executor> set(s->executor, SIGINT, SIGTERM, SIGHUP);
    for (const int signal : {SIGQUIT, SIGTSTP, SIGWINCH}) set.add(signal);
    for (;;) {
        const auto [error, signal] = co_await set.async_wait(as_result);
        if (error) co_return;
        if (signal == SIGTSTP) s->terminal.suspend();
        if (signal != SIGTSTP && signal != SIGWINCH) s->quit.notify();
        s->draw();
    }
}

Task<> session(Shared s) {
    s->group.spawn(poll(s));
    s->group.spawn(keys(s));
    s->group.spawn(signals(s));
    co_await s->quit.wait();
    s->group.cancel();
    co_await s->group.join();
}

}  // namespace

Exit run(const Target& target) {
    if (!on_terminal()) {
        fmt::print(stderr, "top needs a terminal; use `halcyon status --watch --json`\n");
        return Exit::usage;
    }
    const auto first = question(target, "GET", "/v1/status");
    if (first.exit != Exit::done) return without_answer(target, first);
    asio::io_context loop;
    auto client = client_for(loop.get_executor(), target.access);
    if (client.has_error()) {
        fmt::print(stderr, "{}\n", client.error().context);
        return Exit::usage;
    }
    std::exception_ptr thrown;
    {
        const auto s =
            std::make_shared<Session>(loop.get_executor(), target.access, std::move(client.value()));
        s->screen.where = s->client.origin();
        take(*s, first, {.exit = Exit::failed});
        asio::co_spawn(loop.get_executor(), session(s), [&](const std::exception_ptr& e) { thrown = e; });
        loop.run();
    }
    if (thrown) std::rethrow_exception(thrown);
    return Exit::done;
}

}  // namespace halcyon::cli::top
