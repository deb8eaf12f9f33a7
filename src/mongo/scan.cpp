#include "mongo/scan.hpp"

#include <exception>

#include "mongo/cursor.hpp"
#include "mongo/reading.hpp"

namespace halcyon::mongo {
namespace {

constexpr std::size_t overhead = 512;
// "max must be greater than min": a range with nothing in it, as it is after its last document was read.
constexpr std::uint32_t empty_range = 51175;

struct ScanPlan {
    std::shared_ptr<Clients> clients;
    Namespace ns;
    IdRange range;
    ClusterTime not_before{};
    std::shared_ptr<async::ByteBudget> budget;
    std::shared_ptr<Outlet<ScanMessage>> to;
};

void read_range(const ScanPlan& plan, const std::stop_token& stop) {
    auto borrowed = plan.clients->borrow();
    if (!borrowed) return plan.to->put(borrowed.error());
    auto& lent = borrowed.value();
    auto read = read_point(lent.get(), plan.not_before);
    if (!read.point) return plan.to->put(read_error(read.failure, plan.ns));
    Bson by_id;
    append(by_id, "_id", 1);
    Bson options;
    append(options, "hint", by_id);
    // The index gives this order at no cost; a sharded cluster would mix the shards without it.
    append(options, "sort", by_id);
    if (!plan.range.min.empty()) append(options, "min", Bson(plan.range.min.bytes()));
    if (!plan.range.max.empty()) append(options, "max", Bson(plan.range.max.bytes()));
    append(options, "batchSize", static_cast<std::int32_t>(plan.clients->options().batch_size));

    bool opened = false;
    const auto open = [&] {
        if (!std::exchange(opened, true)) plan.to->put(ScanOpened{read.point->at});
    };
    std::optional<Error> odd;
    const auto failed =
        find(lent.get(), plan.ns, Bson(), options, read.point->session.get(), [&](std::string_view document) {
            open();
            auto id = DocId::of(document);
            if (!id) {
                odd = id.error();
                return false;
            }
            auto lease = plan.budget->acquire_blocking(document.size() + overhead, stop);
            if (lease.bytes() == 0) return false;
            plan.to->put(ScannedDocument{std::move(id.value()), Document::trusted(std::string(document)),
                                         std::move(lease)});
            return !stop.stop_requested();
        });
    if (failed && failed->code != empty_range) return plan.to->put(read_error(*failed, plan.ns));
    if (odd) return plan.to->put(std::move(*odd));
    if (stop.stop_requested()) return;
    open();
    plan.to->put(ScanEnded{});
    read.point.reset();  // the session goes before its client does
    lent.give_back();
}

}  // namespace

MongoScan::MongoScan(Driver& driver, async::Executor executor, std::shared_ptr<Clients> clients, Namespace ns,
                     IdRange range, ClusterTime not_before)
    : outlet_(std::make_shared<Outlet<ScanMessage>>(executor)),
      thread_(driver, executor, "mongo-scan",
              [plan = ScanPlan{clients, std::move(ns), std::move(range), not_before,
                               std::make_shared<async::ByteBudget>(executor, clients->options().scan_buffer),
                               outlet_}](const std::stop_token& stop) {
                  // No exception crosses the thread: what is thrown here (no memory) ends the scan.
                  try {
                      read_range(plan, stop);
                  } catch (const std::exception& e) {
                      plan.to->put(Error{Verdict::fatal,
                                         Cause::internal,
                                         std::string("a scan's thread failed: ") + e.what(),
                                         {}});
                  }
              }) {}

MongoScan::~MongoScan() { outlet_->cut(); }

Task<Result<>> MongoScan::open(async::Executor executor, Duration patience) {
    auto first = co_await first_message(outlet_, std::move(executor), patience);
    if (auto* error = std::get_if<Error>(&first)) {
        auto e = std::move(*error);
        co_await close();
        co_return fail(std::move(e));
    }
    at_ = std::get<ScanOpened>(first).at;
    co_return success();
}

Task<Result<std::vector<ScannedDocument>>> MongoScan::next(std::size_t most) {
    if (closed_) co_return fail(Verdict::retry, Cause::unavailable, "the scan is closed");
    std::vector<ScannedDocument> documents;
    if (!ended_ && !failed_) {
        auto messages = co_await outlet_->take(most);
        for (auto& message : messages) {
            if (auto* document = std::get_if<ScannedDocument>(&message))
                documents.push_back(std::move(*document));
            else if (auto* error = std::get_if<Error>(&message))
                failed_ = std::move(*error);
            else
                ended_ = true;
        }
    }
    if (documents.empty() && failed_) {
        auto error = *failed_;
        co_await close();
        co_return fail(std::move(error));
    }
    co_return std::move(documents);
}

Task<> MongoScan::close() {
    if (std::exchange(closed_, true)) co_return;
    outlet_->cut();
    co_await thread_.stop();
}

}  // namespace halcyon::mongo
