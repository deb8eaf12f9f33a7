#include "async/pool.hpp"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace halcyon::async {

struct ThreadPool::State {
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::function<void()>> queue;
    bool closed = false;
    std::vector<std::thread> threads;

    void serve() {
        for (;;) {
            std::function<void()> work;
            {
                std::unique_lock lock(mutex);
                wake.wait(lock, [&] { return closed || !queue.empty(); });
                if (queue.empty()) return;
                work = std::move(queue.front());
                queue.pop_front();
            }
            work();
        }
    }
};

ThreadPool::ThreadPool(unsigned threads, const char* name) : state_(std::make_shared<State>()) {
    for (unsigned i = 0; i < threads; ++i) {
        state_->threads.emplace_back([state = state_.get()] { state->serve(); });
        ::pthread_setname_np(state_->threads.back().native_handle(), name);
    }
}

ThreadPool::~ThreadPool() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->closed = true;
    }
    state_->wake.notify_all();
    for (auto& t : state_->threads) t.join();
}

void ThreadPool::submit(std::function<void()> work) {
    {
        const std::lock_guard lock(state_->mutex);
        state_->queue.push_back(std::move(work));
    }
    state_->wake.notify_one();
}

}  // namespace halcyon::async
