#include "mongo/cursor_thread.hpp"

#include <pthread.h>

#include <atomic>

#include "async/waiter.hpp"

namespace halcyon::mongo {
namespace {

constexpr std::chrono::milliseconds patience{900};

}  // namespace

struct CursorThread::State {
    explicit State(async::Executor e) : executor(e), done(std::move(e)) {}
    async::Executor executor;
    async::Event done;    // loop only
    bool ending = false;  // loop only: the thread has nothing left to do
    // Guards `executor` against a loop that is gone: after a hand-over nothing is posted.
    std::mutex mutex;
    bool loop_listens = true;
    std::shared_ptr<std::atomic<bool>> ended = std::make_shared<std::atomic<bool>>(false);
};

CursorThread::CursorThread(Driver& driver, async::Executor executor, const char* name,
                           std::function<void(std::stop_token)> body)
    : driver_(driver), state_(std::make_shared<State>(std::move(executor))) {
    thread_ = std::thread([weak = std::weak_ptr(state_), ended = state_->ended, stop = source_.get_token(),
                           run = std::move(body)]() mutable {
        run(stop);
        run = nullptr;
        if (const auto state = weak.lock()) {
            const std::lock_guard lock(state->mutex);
            if (state->loop_listens)
                async::asio::post(state->executor, [later = std::weak_ptr(state)] {
                    const auto s = later.lock();
                    if (!s) return;
                    s->ending = true;
                    s->done.notify();
                });
        }
        ended->store(true);
    });
    ::pthread_setname_np(thread_.native_handle(), name);
}

CursorThread::~CursorThread() {
    source_.request_stop();
    hand_over();
}

void CursorThread::request_stop() { source_.request_stop(); }

void CursorThread::hand_over() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->loop_listens = false;
    }
    if (thread_.joinable()) driver_.adopt(std::move(thread_), state_->ended);
}

Task<> CursorThread::stop() {
    source_.request_stop();
    if (!thread_.joinable()) co_return;
    const auto state = state_;
    const async::Alarm alarm(state->executor, patience, [weak = std::weak_ptr(state)] {
        if (const auto s = weak.lock()) s->done.notify();
    });
    co_await state->done.wait();
    if (state->ending)
        thread_.join();
    else
        hand_over();
}

}  // namespace halcyon::mongo
