#include "async/budget.hpp"

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <list>
#include <mutex>
#include <utility>
#include <vector>

#include "async/waiter.hpp"

namespace halcyon::async {
namespace {

/// Somebody's place in the queue: a thread's, or a coroutine's if `waiter` is set.
struct Claim {
    explicit Claim(std::size_t b) : bytes(b) {}
    Claim(std::size_t b, Executor e) : bytes(b), waiter(std::make_unique<Waiter>(std::move(e))) {}
    const std::size_t bytes;
    const std::unique_ptr<Waiter> waiter;
    bool granted = false;
};

}  // namespace

struct detail::BudgetState {
    BudgetState(Executor e, std::size_t c) : executor(std::move(e)), capacity(c) {}

    bool fits(std::size_t bytes) const { return used == 0 || used + bytes <= capacity; }

    /// REQUIRES: the mutex is held.
    void enter(const std::shared_ptr<Claim>& claim) {
        queue.push_back(claim);
        serve();
    }

    /// Gives up the place, or what was granted and not taken. REQUIRES: the mutex is held.
    void leave(const std::shared_ptr<Claim>& claim) {
        if (std::exchange(claim->granted, false))
            used -= claim->bytes;
        else
            queue.remove(claim);
        serve();
    }

    /// Grants from the head of the queue and wakes who got something. REQUIRES: the mutex is held.
    void serve() {
        std::vector<std::shared_ptr<Claim>> resumed;
        for (; !queue.empty() && fits(queue.front()->bytes); queue.pop_front()) {
            auto& head = queue.front();
            used += head->bytes;
            head->granted = true;
            if (head->waiter)
                resumed.push_back(head);
            else
                changed.notify_all();
        }
        if (resumed.empty()) return;
        asio::post(executor, [claims = std::move(resumed)] {
            for (const auto& claim : claims) claim->waiter->fire();
        });
    }

    Executor executor;
    const std::size_t capacity;
    mutable std::mutex mutex;
    std::condition_variable_any changed;
    std::size_t used = 0;
    std::list<std::shared_ptr<Claim>> queue;
    bool closed = false;
};

using detail::BudgetState;

Lease::Lease(std::shared_ptr<BudgetState> state, std::size_t bytes)
    : state_(std::move(state)), bytes_(bytes) {}
Lease::Lease(Lease&& other) noexcept
    : state_(std::move(other.state_)), bytes_(std::exchange(other.bytes_, 0)) {}
Lease& Lease::operator=(Lease&& other) noexcept {
    if (this != &other) {
        release();
        state_ = std::move(other.state_);
        bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
}
Lease::~Lease() { release(); }

void Lease::release() {
    const auto state = std::move(state_);
    if (!state) return;
    const std::lock_guard lock(state->mutex);
    state->used -= std::exchange(bytes_, 0);
    state->serve();
}

ByteBudget::ByteBudget(Executor executor, std::size_t capacity)
    : state_(std::make_shared<BudgetState>(std::move(executor), capacity)) {}
ByteBudget::~ByteBudget() { close(); }

Task<Lease> ByteBudget::acquire(std::size_t bytes) {
    /// Leaves the queue whatever way the coroutine ends: taken, cancelled or destroyed.
    struct Place {
        std::shared_ptr<BudgetState> state;
        std::shared_ptr<Claim> claim;
        Place(std::shared_ptr<BudgetState> s, std::size_t b)
            : state(std::move(s)), claim(std::make_shared<Claim>(b, state->executor)) {
            const std::lock_guard lock(state->mutex);
            state->enter(claim);
        }
        ~Place() {
            const std::lock_guard lock(state->mutex);
            state->leave(claim);
        }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        bool take() {
            const std::lock_guard lock(state->mutex);
            return std::exchange(claim->granted, false);
        }
    } place(state_, bytes);
    while (!place.take()) co_await place.claim->waiter->wait();
    co_return Lease(place.state, bytes);
}

Lease ByteBudget::acquire_blocking(std::size_t bytes) { return acquire_blocking(bytes, std::stop_token{}); }

Lease ByteBudget::acquire_blocking(std::size_t bytes, std::stop_token stop) {
    const auto claim = std::make_shared<Claim>(bytes);
    std::unique_lock lock(state_->mutex);
    state_->enter(claim);
    state_->changed.wait(lock, stop, [&] { return state_->closed || claim->granted; });
    if (state_->closed || stop.stop_requested() || !claim->granted) {
        state_->leave(claim);
        return {};
    }
    return Lease(state_, bytes);
}

Lease ByteBudget::take(std::size_t bytes) {
    const std::lock_guard lock(state_->mutex);
    state_->used += bytes;
    return Lease(state_, bytes);
}

void ByteBudget::close() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->closed = true;
    }
    state_->changed.notify_all();
}

std::size_t ByteBudget::used() const {
    const std::lock_guard lock(state_->mutex);
    return state_->used;
}
std::size_t ByteBudget::capacity() const { return state_->capacity; }

}  // namespace halcyon::async
