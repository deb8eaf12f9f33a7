#include "async/waiter.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cassert>
#include <cstdint>
#include <optional>
#include <utility>

namespace halcyon::async {

using Handler = asio::any_completion_handler<void(boost::system::error_code)>;

struct Waiter::State {
    explicit State(Executor e) : executor(std::move(e)) {}
    Executor executor;
    Handler handler;
    std::uint64_t round = 0;  // which wait the handler belongs to

    void complete(boost::system::error_code ec) {
        if (!handler) return;
        // Moved by construction and swap only: in Boost 1.81 the handler's move assignment calls itself for
        // ever.
        asio::post(executor, [h = std::move(handler), ec]() mutable {
            asio::get_associated_cancellation_slot(h).clear();
            std::move(h)(ec);
        });
    }
};

Waiter::Waiter(Executor executor) : state_(std::make_shared<State>(std::move(executor))) {}
Waiter::~Waiter() { state_->complete(asio::error::operation_aborted); }

Task<> Waiter::wait() {
    assert(!state_->handler);
    auto initiate = [](auto handler, std::shared_ptr<State> state) {
        Handler(std::move(handler)).swap(state->handler);
        const auto round = ++state->round;
        // The erased handler has put a signal of its own into the coroutine's slot: only that one may be
        // used.
        auto slot = asio::get_associated_cancellation_slot(state->handler);
        if (!slot.is_connected()) return;
        // Until the posted completion has run, a late cancellation finds somebody else's wait here: it is not
        // for them.
        slot.assign([weak = std::weak_ptr(state), round](asio::cancellation_type) {
            if (auto s = weak.lock(); s && s->round == round) s->complete(asio::error::operation_aborted);
        });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(boost::system::error_code)>(
        initiate, use_task, state_);
}

bool Waiter::waiting() const { return static_cast<bool>(state_->handler); }
void Waiter::fire() { state_->complete({}); }

struct Event::State {
    explicit State(Executor e) { waiter.emplace(std::move(e)); }
    std::optional<Waiter> waiter;
    bool set = false;
};

Event::Event(Executor executor) : state_(std::make_shared<State>(std::move(executor))) {}
Event::~Event() { state_->waiter.reset(); }

Task<> Event::wait() {
    const auto state = state_;
    if (!state->set) co_await state->waiter->wait();
    state->set = false;
}

void Event::notify() {
    state_->set = true;
    state_->waiter->fire();
}

}  // namespace halcyon::async
