// Jobs: started, followed, listed, steered.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>

#include "async/clock.hpp"
#include "cli/job.hpp"
#include "cli/question.hpp"
#include "cli/table.hpp"
#include "cli/watch.hpp"
#include "net/server/message.hpp"

namespace halcyon::cli {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr seconds longest_silence{60};  // of a sidecar that restarts while its job is followed
constexpr seconds between_questions{1};
constexpr seconds between_lines{10};  // of progress, where they are not drawn in place

std::string path_of(const std::string& id) { return "/v1/jobs/" + net::percent_encode(id); }

/// The job that a Location names; empty: none.
std::string id_of(const std::string& location) {
    constexpr std::string_view folder = "/v1/jobs/";
    const auto at = location.rfind(folder);
    if (at == std::string::npos) return {};
    return visible(net::percent_decode(location.substr(at + folder.size())).value_or(""));
}

/// Draws in place on a terminal; else a line now and then to standard error.
class Progress {
  public:
    explicit Progress(bool silent) : silent_(silent), live_(on_terminal()) {}
    void say(const std::string& line) {
        if (silent_) return;
        if (live_) {
            fmt::print("\r{}\x1b[K", line);
            std::fflush(stdout);
            drawn_ = true;
        } else if (const auto now = async::SystemClock{}.now(); now >= next_) {
            fmt::print(stderr, "{}\n", line);
            next_ = now + between_lines;
        }
    }
    void end() {
        if (drawn_) fmt::print("\r\x1b[K");
    }

  private:
    bool silent_;
    bool live_;
    bool drawn_ = false;
    Instant next_{};
};

Exit followed(const Target& target, Answer job) {
    const auto id = text(job.body(), "id");
    const bool watched = on_terminal() && !target.json;
    const async::SystemClock clock;
    Interruptible interruptible;
    Progress progress(target.json);
    auto heard = clock.now();
    std::optional<Exit> end;
    while (!(end = end_of_job(job.body(), watched))) {
        progress.say(visible(progress_line(job.body(), terminal_width() - 1)));
        if (!interruptible.wait(between_questions)) {
            progress.end();
            fmt::print(
                stderr,
                "{} goes on; `halcyon jobs show {} --watch` follows it, `halcyon jobs cancel {}` ends it\n",
                id, id, id);
            return Exit::done;
        }
        auto next = quiet_question(target, "GET", path_of(id));
        if (next.exit == Exit::done) {
            job = std::move(next);
            heard = clock.now();
        } else if (next.exit != Exit::unreachable || clock.now() - heard > longest_silence) {
            progress.end();
            fmt::print(stderr, "{}\n", visible(next.said));
            return next.exit;
        } else {
            progress.say(shortened(fmt::format("{} (trying again)", next.said), terminal_width() - 1));
        }
    }
    progress.end();
    print_reply(target.json, job.raw, job_text);
    return *end;
}

std::string body_of(const BackfillChoice& which) {
    json::object body{{"type", "backfill"}};
    if (!which.collection.empty()) body["collection"] = which.collection;
    if (!which.ns.empty()) body["namespace"] = which.ns;
    if (!which.mode.empty()) body["mode"] = which.mode;
    if (which.dry_run) body["dry_run"] = true;
    if (which.max_pending) body["max_pending"] = *which.max_pending;
    return json::serialize(body);
}

}  // namespace

Exit backfill(const Target& target, const BackfillChoice& which) {
    auto job = question(target, "POST", "/v1/jobs", body_of(which));
    if (job.exit != Exit::done) {
        if (const auto running = id_of(job.location); !running.empty())
            fmt::print(stderr, "`halcyon jobs show {} --watch` follows the one that runs\n", running);
        return without_answer(target, job);
    }
    if (which.wait || (on_terminal() && !target.json)) return followed(target, std::move(job));
    print_reply(target.json, job.raw, job_text);
    if (!target.json) {
        const auto id = visible(text(job.body(), "id"));
        fmt::print(stderr, "`halcyon jobs show {} --watch` follows it, `halcyon jobs cancel {}` ends it\n",
                   id, id);
    }
    return Exit::done;
}

Exit list_jobs(const Target& target) {
    return show(target, [&] { return quiet_question(target, "GET", "/v1/jobs"); }, jobs_text);
}

Exit show_job(const Target& target, const std::string& id) {
    return show(target, [&] { return quiet_question(target, "GET", path_of(id)); }, job_text);
}

Exit act_on_job(const Target& target, const std::string& id, const std::string& act) {
    const auto a = question(target, "POST", fmt::format("{}/{}", path_of(id), act));
    if (a.exit != Exit::done) return without_answer(target, a);
    print_reply(target.json, a.raw, job_text);
    return Exit::done;
}

}  // namespace halcyon::cli
