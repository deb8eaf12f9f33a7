#include "qdrant/qdrant.hpp"

#include "qdrant/administration.hpp"
#include "qdrant/api.hpp"
#include "qdrant/collections.hpp"
#include "qdrant/marks.hpp"
#include "qdrant/read_protocol.hpp"
#include "qdrant/reader.hpp"
#include "qdrant/writer.hpp"

namespace halcyon::qdrant {

namespace {

class QdrantSink final : public Sink {
  public:
    QdrantSink(const std::shared_ptr<Api>& api, const std::shared_ptr<Collections>& collections,
               Random& random)
        : collections_(collections),
          administration_(api, collections_, random),
          writer_(api, collections_),
          reader_(api, collections_),
          request_bytes_(api->options().request_bytes) {}

    Task<Result<CollectionState>> ensure(CollectionSpec spec, Deadline deadline) override {
        return administration_.ensure(std::move(spec), deadline);
    }
    Task<std::vector<SinkOutcome>> apply(CollectionName collection, std::vector<SinkOperation> operations,
                                         Deadline deadline) override {
        return writer_.apply(std::move(collection), std::move(operations), deadline);
    }
    Task<Result<std::vector<HeldDocument>>> lookup(CollectionName collection, std::vector<DocumentKey> keys,
                                                   Deadline deadline) override {
        return reader_.lookup(std::move(collection), std::move(keys), deadline);
    }
    Task<Result<ScrollPage>> scroll(CollectionName collection, std::optional<std::string> from,
                                    std::size_t limit, Deadline deadline) override {
        return reader_.scroll(std::move(collection), std::move(from), limit, deadline);
    }
    Task<Result<std::uint64_t>> count(CollectionName collection, Deadline deadline) override {
        return reader_.count(std::move(collection), deadline);
    }
    std::size_t max_request_bytes() const override { return request_bytes_; }

  private:
    std::shared_ptr<Collections> collections_;
    Administration administration_;
    Writer writer_;
    Reader reader_;
    std::size_t request_bytes_;
};

class QdrantSearch final : public Search {
  public:
    explicit QdrantSearch(std::shared_ptr<Api> api) : api_(std::move(api)) {}

    Task<Result<std::vector<Hit>>> search(SearchQuery query, Deadline deadline) override {
        const auto by = api_->bounded(deadline);
        const auto target = read_target(query.collection.value(), "query", {api_->timeout_s(by), {}});
        auto body =
            query_body(query.vector_json, query.vector_name, query.filter_json.value_or(""), query.limit);
        auto reply = co_await api_->ask({"POST", target, std::move(body)}, by);
        if (!reply) co_return fail(std::move(reply).error());
        auto points = parse_query(reply.value());
        if (!points) co_return fail(std::move(points).error());
        std::vector<Hit> hits;
        for (auto& p : points.value()) hits.push_back({std::move(p.id), p.score, std::move(p.payload)});
        co_return hits;
    }

  private:
    std::shared_ptr<Api> api_;
};

class QdrantInspector final : public Inspector {
  public:
    QdrantInspector(const std::shared_ptr<Api>& api, Random& random)
        : administration_(api, std::make_shared<Collections>(api), random) {}

    Task<Result<ServerInspection>> server(Deadline deadline) override {
        return administration_.inspect_server(deadline);
    }
    Task<Result<CollectionInspection>> collection(CollectionSpec spec, Deadline deadline) override {
        return administration_.inspect(std::move(spec), deadline);
    }

  private:
    Administration administration_;
};

}  // namespace

Result<Services> make_services(async::Executor executor, const async::Clock& clock, Random& random,
                               Options options) {
    HALCYON_TRY(auto api, Api::make(executor, clock, std::move(options)));
    const auto collections = std::make_shared<Collections>(api);
    return Services{std::make_unique<QdrantSink>(api, collections, random),
                    std::make_unique<QdrantSearch>(api), std::make_unique<QdrantInspector>(api, random),
                    std::make_unique<Marks>(api, collections)};
}

}  // namespace halcyon::qdrant
