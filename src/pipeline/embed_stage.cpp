#include "pipeline/embed_stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace halcyon::pipeline {
namespace {

constexpr std::size_t look_up_at_once = 256;
/// Batches on their way into the cache: it may be slow, and then nothing waits for it.
constexpr unsigned kept_at_once = 4;
/// One token, and nothing that a service could object to.
constexpr auto test_text = "test";

}  // namespace

EmbedStage::EmbedStage(async::TaskGroup& group, async::Executor executor, Embedder& embedder,
                       async::Clock& clock, Random& random, const PipelineOptions& options,
                       VectorCache* vectors)
    : embedder_(embedder),
      clock_(clock),
      random_(random),
      options_(options),
      group_(group),
      wake_(std::move(executor)),
      limit_({.most = static_cast<unsigned>(embedder.limits().concurrency)}),
      breaker_({}),
      vectors_(embedder.limits().costly ? vectors : nullptr) {}

void EmbedStage::submit(JobPtr job) {
    const auto digest = digest_of(job->text);
    if (const auto twin = live_.find(digest); twin != live_.end())
        if (const auto item = twin->second.lock(); item && item->text == job->text) {
            item->takers.push_back(std::move(job));
            return;
        }
    auto item = std::make_shared<Item>();
    item->text = std::move(job->text);
    item->digest = digest;
    item->queued = clock_.now();
    item->takers.push_back(std::move(job));
    live_[digest] = item;
    if (!vectors_) return enqueue(std::move(item));
    unasked_.push_back(std::move(item));
    if (!std::exchange(looking_up_, true)) group_.spawn(look_up());
}

void EmbedStage::enqueue(ItemPtr item) {
    queued_bytes_ += item->text.size();
    queue_.push_back(std::move(item));
    wake_.notify();
}

/// One look-up at a time: what is submitted meanwhile goes into the next.
Task<> EmbedStage::look_up() {
    const auto identity = embedder_.identity();
    while (!unasked_.empty()) {
        // Pinned since the collection was opened. Not known: nothing is kept of these.
        const auto dimension = co_await embedder_.dimension(Deadline::in(clock_, options_.embed_timeout));
        Batch batch;
        while (!unasked_.empty() && batch.size() < look_up_at_once) {
            batch.push_back(std::move(unasked_.front()));
            unasked_.pop_front();
        }
        std::vector<std::optional<EncodedVector>> known(batch.size());
        if (dimension.has_value()) {
            std::vector<Digest> keys;
            for (const auto& item : batch)
                keys.push_back(item->key.emplace(vector_key(identity, dimension.value(), item->text)));
            known = co_await vectors_->get(std::move(keys), dimension.value());
        }
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (known[i]) {
                ++hits_;
                deliver(*batch[i], std::move(*known[i]));
            } else {
                ++misses_;
                enqueue(std::move(batch[i]));
            }
        }
    }
    looking_up_ = false;
}

Task<> EmbedStage::keep(std::vector<std::pair<Digest, EncodedVector>> vectors) {
    ++keeping_;
    co_await vectors_->put(std::move(vectors));
    --keeping_;
}

bool EmbedStage::full() const {
    const auto limits = embedder_.limits();
    return queue_.size() >= limits.texts || queued_bytes_ >= limits.bytes;
}

EmbedStage::Batch EmbedStage::take_batch() {
    const auto limits = embedder_.limits();
    // A probe is one text: of several, one that always fails would speak for all.
    const auto most = breaker_.open() ? 1 : limits.texts;
    Batch batch;
    std::size_t bytes = 0;
    while (!queue_.empty() && batch.size() < most) {
        auto& item = queue_.front();
        const auto wanted = std::any_of(item->takers.begin(), item->takers.end(),
                                        [](const JobPtr& j) { return !j->abandoned; });
        if (wanted && !batch.empty() && bytes + item->text.size() > limits.bytes) break;
        queued_bytes_ -= item->text.size();
        if (wanted) {
            bytes += item->text.size();
            batch.push_back(std::move(item));
        } else {
            live_.erase(item->digest);
        }
        queue_.pop_front();
    }
    return batch;
}

bool EmbedStage::start_one() {
    const auto now = clock_.now();
    if (queue_.empty() && suspects_.empty() && held_back_.empty()) return false;
    if (breaker_.open() && !breaker_.allows(now)) {
        arm(breaker_.next_probe());
        return false;
    }
    if (now < not_before_) {
        arm(not_before_);
        return false;
    }
    if (breaker_.open() ? limit_.in_flight() > 0 || testing_ : !limit_.may_start()) return false;
    Batch batch;
    if (!suspects_.empty() && may_go(suspects_.front())) {
        batch = std::move(suspects_.front());
        suspects_.pop_front();
    } else if (queue_.empty() || !may_go({queue_.front()})) {
        return start_test(now);
    } else {
        const auto due = queue_.front()->queued + options_.embed_wait;
        if (!full() && limit_.in_flight() > 0 && now < due) {
            arm(due);
            return false;
        }
        batch = take_batch();
    }
    if (batch.empty()) return true;
    limit_.started();
    group_.spawn(send(std::move(batch)));
    return true;
}

/// While the service is away, nothing that has failed before is sent: it would fail again, and be blamed.
bool EmbedStage::may_go(const Batch& batch) const {
    return !breaker_.open() || std::none_of(batch.begin(), batch.end(), [](const ItemPtr& item) {
        return item->failures.failed_before();
    });
}

bool EmbedStage::start_test(Instant now) {
    if (testing_ || limit_.in_flight() > 0) return false;  // that answer says as much
    if (!breaker_.open() && now < proof_.next_test()) {
        arm(proof_.next_test());
        return false;
    }
    proof_.began_test(now, random_);
    if (!proof_.tests_count() && !held_back_.empty()) {
        limit_.started();
        Batch alone{std::move(held_back_.front())};
        held_back_.pop_front();
        group_.spawn(send(std::move(alone)));
    } else {
        testing_ = true;
        group_.spawn(test());
    }
    return true;
}

Task<> EmbedStage::test() {
    ++requests_;
    ++texts_;
    const auto reply = co_await embedder_.embed({test_text}, Deadline::in(clock_, options_.embed_timeout));
    testing_ = false;
    if (reply.has_value()) {
        proof_.passed_test();
        lives();
    } else if (reply.error().cause == Cause::rate_limited) {
        not_before_ = clock_.now() + reply.error().retry_after.value_or(milliseconds(1000));
    } else {
        away(reply.error());
    }
    wake_.notify();
}

/// What failed before it did something is tried again: those that did so twice one by one.
void EmbedStage::lives() {
    const bool was = breaker_.open();
    breaker_.succeeded();
    if (was) tell();
    Batch innocent;
    for (auto held = std::exchange(held_back_, {}); auto& item : held)
        if (item->failures.suspect())
            suspects_.push_back({std::move(item)});
        else
            innocent.push_back(std::move(item));
    requeue(std::move(innocent));
}

void EmbedStage::away(const Error& error) {
    const bool was = breaker_.open();
    std::optional<Duration> wait;
    if (error.retry_after) wait = *error.retry_after;
    breaker_.failed(clock_.now(), wait, random_);
    paused_reason_ = describe(error);
    if (!was && breaker_.open()) tell();
}

Task<> EmbedStage::run() {
    for (;;) {
        while (start_one()) {
        }
        co_await wake_.wait();
    }
}

Task<> EmbedStage::send(Batch batch) {
    const auto began = clock_.now();
    std::vector<std::string> texts;
    texts.reserve(batch.size());
    for (const auto& item : batch) texts.push_back(item->text);
    ++requests_;
    texts_ += texts.size();
    auto reply = co_await embedder_.embed(std::move(texts), Deadline::in(clock_, options_.embed_timeout));
    const auto latency = clock_.now() - began;
    if (times) times->embed.record(latency);
    if (reply.has_error()) {
        failed(std::move(batch), reply.error(), latency);
    } else if (reply.value().size() != batch.size()) {
        failed(std::move(batch),
               {Verdict::retry,
                Cause::internal,
                fmt::format("{} vectors came for {} texts", reply.value().size(), batch.size()),
                {}},
               latency);
    } else {
        limit_.finished(rules::AdaptiveLimit::Outcome::ok, latency);
        proof_.took_something();
        lives();
        if (vectors_ && keeping_ < kept_at_once) {
            std::vector<std::pair<Digest, EncodedVector>> paid;
            for (std::size_t i = 0; i < batch.size(); ++i)
                if (batch[i]->key) paid.emplace_back(*batch[i]->key, reply.value()[i]);
            if (!paid.empty()) group_.spawn(keep(std::move(paid)));
        }
        for (std::size_t i = 0; i < batch.size(); ++i) deliver(*batch[i], std::move(reply.value()[i]));
    }
    wake_.notify();
}

void EmbedStage::failed(Batch batch, const Error& error, Duration latency) {
    if (error.verdict == Verdict::reject) {
        limit_.finished(rules::AdaptiveLimit::Outcome::ok, latency);
        if (batch.size() == 1) {
            deliver(*batch.front(), fail(error));
        } else {
            const auto half = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
            suspects_.emplace_back(std::make_move_iterator(batch.begin()), std::make_move_iterator(half));
            suspects_.emplace_back(std::make_move_iterator(half), std::make_move_iterator(batch.end()));
        }
        return;
    }
    if (error.cause == Cause::rate_limited) {
        limit_.finished(rules::AdaptiveLimit::Outcome::overloaded, latency);
        not_before_ = clock_.now() + error.retry_after.value_or(milliseconds(1000));
    } else {
        limit_.finished(error.cause == Cause::timeout ? rules::AdaptiveLimit::Outcome::overloaded
                                                      : rules::AdaptiveLimit::Outcome::failed,
                        latency);
        away(error);
    }
    again(std::move(batch), error);
}

/// Each text's part in the failure decides where it goes.
void EmbedStage::again(Batch batch, const Error& error) {
    Batch innocent;
    for (auto& item : batch) {
        item->failures.failed(proof_.successes(), error.cause);
        if (item->failures.given_up()) {
            proof_.spent_attempt();
            deliver(*item, fail(error));
        } else if (item->failures.waits(proof_.successes())) {
            held_back_.push_back(std::move(item));
        } else if (item->failures.suspect()) {
            suspects_.push_back({std::move(item)});
        } else {
            innocent.push_back(std::move(item));
        }
    }
    requeue(std::move(innocent));
}

/// Behind the others: if the service takes those, it was not the service.
void EmbedStage::requeue(Batch batch) {
    for (auto& item : batch) {
        queued_bytes_ += item->text.size();
        queue_.push_back(std::move(item));
    }
}

void EmbedStage::tell() {
    if (breaker_.open())
        log::warn("embed", "paused: {}; texts wait, nothing is lost", paused_reason_);
    else
        log::info("embed", "the embedder answers again");
    if (on_change) on_change();
}

void EmbedStage::deliver(Item& item, Result<EncodedVector> outcome) {
    if (const auto it = live_.find(item.digest); it != live_.end() && it->second.lock().get() == &item)
        live_.erase(it);
    const auto takers = std::exchange(item.takers, {});
    for (std::size_t i = 0; i < takers.size(); ++i) {
        if (takers[i]->abandoned) continue;
        // A vector is some kilobytes: only twins of a text copy it.
        takers[i]->done(i + 1 == takers.size() ? std::move(outcome) : outcome);
    }
}

void EmbedStage::arm(Instant due) {
    if (armed_ && *armed_ <= due) return;
    armed_ = due;
    group_.spawn(alarm(due));
}

Task<> EmbedStage::alarm(Instant due) {
    co_await clock_.sleep_until(due);
    if (armed_ == due) armed_.reset();
    wake_.notify();
}

}  // namespace halcyon::pipeline
