#include "net/client/pool.hpp"

#include <algorithm>

#include "net/watch.hpp"

namespace halcyon::net {

struct ConnectionPool::Waiting {
    explicit Waiting(async::Executor executor) : turn(std::move(executor)) {}
    async::Waiter turn;
    bool granted = false;
};

Permit::~Permit() {
    if (pool_) pool_->release();
}

ConnectionPool::ConnectionPool(async::Executor executor, std::size_t most, std::size_t most_idle,
                               Duration idle_time)
    : executor_(std::move(executor)), most_(most), most_idle_(most_idle), idle_time_(idle_time) {}

Task<std::optional<Permit>> ConnectionPool::acquire(Deadline deadline) {
    const auto self = shared_from_this();
    if (used_ < most_ && waiting_.empty()) {
        ++used_;
        co_return Permit(self);
    }
    const auto mine = std::make_shared<Waiting>(executor_);
    waiting_.push_back(mine);
    // A caller that is cancelled leaves the queue, or hands on the turn that it was given meanwhile.
    struct Leave {
        ConnectionPool& pool;
        const std::shared_ptr<Waiting>& mine;
        bool took = false;
        Leave(ConnectionPool& p, const std::shared_ptr<Waiting>& m) : pool(p), mine(m) {}
        Leave(const Leave&) = delete;
        Leave& operator=(const Leave&) = delete;
        ~Leave() {
            if (took) return;
            if (mine->granted)
                pool.release();
            else
                std::erase(pool.waiting_, mine);
        }
    } leave(*this, mine);
    const Watch watch(executor_, deadline.at, [mine] { mine->turn.fire(); });
    co_await mine->turn.wait();
    if (!mine->granted) co_return std::nullopt;
    leave.took = true;
    co_return Permit(self);
}

void ConnectionPool::release() {
    if (waiting_.empty()) {
        --used_;
        return;
    }
    const auto next = waiting_.front();
    waiting_.pop_front();
    next->granted = true;
    next->turn.fire();
}

std::unique_ptr<Stream> ConnectionPool::unpark() {
    const auto oldest = steady_now() - idle_time_;
    while (!idle_.empty()) {
        auto last = std::move(idle_.back());
        idle_.pop_back();
        if (last.since > oldest && last.stream->quiet()) return std::move(last.stream);
    }
    return nullptr;
}

void ConnectionPool::park(std::unique_ptr<Stream> stream) {
    if (closed_ || most_idle_ == 0 || idle_time_ <= Duration::zero()) return;
    if (idle_.size() >= most_idle_) idle_.erase(idle_.begin());
    idle_.push_back({std::move(stream), steady_now()});
}

void ConnectionPool::close_idle() {
    closed_ = true;
    idle_.clear();
}

}  // namespace halcyon::net
