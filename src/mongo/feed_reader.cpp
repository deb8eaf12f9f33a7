#include "mongo/feed_reader.hpp"

#include <mongoc/mongoc.h>

#include <algorithm>
#include <exception>

#include "base/log.hpp"
#include "mongo/client.hpp"
#include "mongo/fragments.hpp"

namespace halcyon::mongo {
namespace {

// What an event costs beside its bytes: the item, its key and token.
constexpr std::size_t overhead = 1024;
// How often an event's fragments may fail to fit together before it is read by its key.
constexpr unsigned most_breaks = 3;

struct DestroyStream {
    void operator()(mongoc_change_stream_t* s) const { mongoc_change_stream_destroy(s); }
};
using Stream = std::unique_ptr<mongoc_change_stream_t, DestroyStream>;

struct DestroyDatabase {
    void operator()(mongoc_database_t* d) const { mongoc_database_destroy(d); }
    void operator()(mongoc_collection_t* c) const { mongoc_collection_destroy(c); }
};

std::string_view token_of(mongoc_change_stream_t* stream) {
    const bson_t* token = mongoc_change_stream_get_resume_token(stream);
    return token ? bytes_of(token) : std::string_view();
}

class Reading {
  public:
    Reading(const FeedPlan& plan, const std::stop_token& stop, const std::function<void(FeedMessage)>& put)
        : plan_(plan),
          stop_(stop),
          put_(put),
          watch_(watch_for(plan.namespaces)),
          decoder_(plan.namespaces,
                   plan.options.status_writeback ? plan.options.status_field : std::string()),
          position_(plan.from) {}

    void run() {
        auto client = make_client(plan_.options);
        if (!client) return put_(client.error());
        client_ = std::move(client.value());
        while (!stop_.stop_requested()) {
            const bool opening = !stream_;
            auto failed = opening ? open() : read();
            if (!failed) continue;
            stream_.reset();
            const bool halfway = fragments_.open();
            fragments_.drop();
            if (opening && splitting_ == Splitting::on && cannot_split(*failed)) {
                splitting_ = Splitting::refused;
                narrow();
            } else if (too_large(*failed) && may_step_down()) {
                step_down();
            } else if (!halfway || !broken()) {
                return put_(verdict(*failed, {Attempt::What::watch, watch_.doing(), watch_.privilege()}));
            }
        }
    }

  private:
    std::optional<Failure> open() {
        const Bson pipeline(pipeline_for(plan_.namespaces, detail_, splitting_ == Splitting::on,
                                         plan_.options.status_writeback));
        const Bson options(stream_options(position_, detail_, plan_.options.batch_size, plan_.options.await));
        stream_ = watch(pipeline.get(), options.get());
        if (auto failed = failure()) return failed;
        if (!std::exchange(opened_, true)) put_(FeedOpened{});
        return {};
    }

    Stream watch(const bson_t* pipeline, const bson_t* options) {
        switch (watch_.level) {
            case Watch::Level::collection: {
                const std::unique_ptr<mongoc_collection_t, DestroyDatabase> collection(
                    mongoc_client_get_collection(client_.get(), watch_.database.c_str(),
                                                 watch_.collection.c_str()));
                return Stream(mongoc_collection_watch(collection.get(), pipeline, options));
            }
            case Watch::Level::database: {
                const std::unique_ptr<mongoc_database_t, DestroyDatabase> database(
                    mongoc_client_get_database(client_.get(), watch_.database.c_str()));
                return Stream(mongoc_database_watch(database.get(), pipeline, options));
            }
            case Watch::Level::deployment:
                break;
        }
        return Stream(mongoc_client_watch(client_.get(), pipeline, options));
    }

    std::optional<Failure> failure() {
        bson_error_t error{};
        const bson_t* reply = nullptr;
        if (!mongoc_change_stream_error_document(stream_.get(), &error, &reply)) return {};
        return failure_of(error, reply);
    }

    /// One event, or an idle moment.
    std::optional<Failure> read() {
        const bson_t* event = nullptr;
        if (!mongoc_change_stream_next(stream_.get(), &event)) {
            if (auto failed = failure()) return failed;
            idle();
            return {};
        }
        auto bytes = bytes_of(event);
        const auto said = fragments_.take(bytes);
        if (said == Fragments::Said::more) return {};
        if (said == Fragments::Said::broken) {
            stream_.reset();
            if (broken()) return {};
            return Failure{Failure::Origin::server, 0, "the fragments of an event do not fit together", false,
                           false};
        }
        if (said == Fragments::Said::complete) bytes = fragments_.event();
        const auto size = bytes.size();
        breaks_ = 0;
        auto decoded = decoder_.decode(bytes, position_, detail_);
        fragments_.drop();
        if (!decoded) return Failure{Failure::Origin::driver, 0, decoded.error().context, false, false};
        // Charged before it is handed over; when the thread is told to end meanwhile, the event is not.
        auto lease = plan_.budget->acquire_blocking(size + overhead, stop_);
        if (lease.bytes() == 0) return {};
        decoded.value().items.back().lease = std::move(lease);
        for (auto& item : decoded.value().items) {
            if (said == Fragments::Said::complete) item.position = behind_fragments(item.position);
            position_ = item.position;
            put_(std::move(item));
        }
        if (decoded.value().invalidated)
            stream_.reset();  // taken up again with `startAfter`
        else if (detail_ == Detail::documents)
            stretch_ = 1;
        else if (--keys_left_ == 0)
            widen();
        return {};
    }

    /// A fragment's token is no place to come back to: a stream without the same pipeline refuses it, and so
    /// does one that finds the document shorter by now. The event's time is one; it then comes again.
    Position behind_fragments(const Position& last) {
        last_fragment_ = last.token;
        return {{}, last.time, false, false};
    }

    void idle() {
        const auto token = token_of(stream_.get());
        if (fragments_.open() || token == last_fragment_) return;
        if (!token.empty() && token != position_.token) {
            const auto known = position_.time;
            position_ = position_of_token(token);
            if (position_.time.empty()) position_.time = known;
            put_(FeedItem{Heartbeat{}, position_, {}});
        }
        // Everything there was has been read, so the large one was among it.
        if (detail_ == Detail::keys) widen();
    }

    bool may_step_down() const { return detail_ == Detail::documents && !position_.empty(); }
    /// An event ahead is larger than the server can send. Servers that can are asked to split it, from here
    /// on; the others (and where a field alone is too large) leave the documents out for a while.
    void step_down() {
        if (splitting_ != Splitting::not_asked) return narrow();
        log::info("mongo", "a change event is over 16 MB: the server is asked to split such events");
        splitting_ = Splitting::on;
    }
    /// From the position before the event, again; when that does not help, by key. False: that does not
    /// either.
    bool broken() {
        log::debug("mongo", "the fragments of a change event do not fit together: it is read again");
        if (++breaks_ < most_breaks) return true;
        breaks_ = 0;
        if (!may_step_down()) return false;
        narrow();
        return true;
    }

    /// Which event is too large the server does not say: it took the whole batch along. Keys only for one
    /// event, then for twice as many each time it fails again.
    void narrow() {
        log::info("mongo", "a change event is over 16 MB: reading {} by key", stretch_);
        detail_ = Detail::keys;
        keys_left_ = stretch_;
        stretch_ = std::min(stretch_ * 2, plan_.options.batch_size);
    }
    void widen() {
        detail_ = Detail::documents;
        stream_.reset();
    }

    const FeedPlan& plan_;
    const std::stop_token& stop_;
    const std::function<void(FeedMessage)>& put_;
    const Watch watch_;
    EventDecoder decoder_;
    Position position_;
    Detail detail_ = Detail::documents;
    enum class Splitting { not_asked, on, refused } splitting_ = Splitting::not_asked;
    Fragments fragments_;
    std::string last_fragment_;  // the token of the last one of the last split event
    unsigned breaks_ = 0;
    std::uint32_t stretch_ = 1;
    std::uint32_t keys_left_ = 0;
    bool opened_ = false;
    Client client_;
    Stream stream_;
};

}  // namespace

void read_feed(const FeedPlan& plan, const std::stop_token& stop,
               const std::function<void(FeedMessage)>& put) {
    // No exception crosses the thread: what is thrown here (no memory) stops the feed.
    try {
        Reading(plan, stop, put).run();
    } catch (const std::exception& e) {
        put(Error{Verdict::fatal,
                  Cause::internal,
                  std::string("the change feed's thread failed: ") + e.what(),
                  {}});
    }
}

}  // namespace halcyon::mongo
