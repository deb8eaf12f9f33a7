// What nobody can do without: reading the changes, sending the texts to the embedder and the points to
// Qdrant. Each is done here with nothing beside it, and its CPU is what halcyon's is held against.
//
//   bench_floor drain  MONGODB NAMESPACE SECONDS INCREMENT EVENTS
//                      the change stream, from that cluster time on
//   bench_floor read   MONGODB NAMESPACE
//                      a find over the collection in order of `_id`
//   bench_floor replay MONGODB NAMESPACE EMBEDDER QDRANT COLLECTION TEXTS
//                      requests that are ready: first as halcyon asks the embedder (TEXTS to a request) for
//                      every document of the namespace, then as it writes them into the collection (256
//                      points to a request)
//   bench_floor scroll QDRANT COLLECTION PAGE
//                      every page of the collection, one after the other, as receipts are rebuilt from them
//
// Each prints one line of JSON: {"<what>":{"items":N,"seconds":S,"cpu":S,"bytes":N},..}
#include <fmt/format.h>
#include <mongoc/mongoc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/json_text.hpp"
#include "cpu.hpp"
#include "qdrant/read_protocol.hpp"
#include "qdrant/write_protocol.hpp"
#include "render/route.hpp"
#include "wire.hpp"

namespace {

using namespace halcyon;
using bench::Wire;

constexpr std::size_t dimensions = 384;
constexpr std::size_t points_a_request = 256;
constexpr std::size_t connections = 4;

/// What was spent since it was made.
class Meter {
  public:
    std::string row(std::string_view what, std::size_t items, std::size_t bytes) const {
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began_;
        return fmt::format(R"("{}":{{"items":{},"seconds":{:.6f},"cpu":{:.6f},"bytes":{}}})", what, items,
                           seconds.count(), bench::own_cpu_seconds() - cpu_, bytes);
    }

  private:
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    double cpu_ = bench::own_cpu_seconds();
};

/// The driver, a client and a collection, for as long as this lives.
class Source {
  public:
    Source(const char* uri, const std::string& ns) {
        ::mongoc_init();
        client_.reset(::mongoc_client_new(uri));
        if (!client_) throw std::runtime_error("the connection string is malformed");
        const auto dot = ns.find('.');
        if (dot == ns.npos) throw std::runtime_error("the namespace is database.collection");
        collection_.reset(::mongoc_client_get_collection(client_.get(), ns.substr(0, dot).c_str(),
                                                         ns.substr(dot + 1).c_str()));
    }

    /// Until `each` says that it is enough.
    void stream(std::uint32_t seconds, std::uint32_t increment,
                const std::function<bool(const bson_t*)>& each) {
        bson_t pipeline = BSON_INITIALIZER;
        bson_t options = BSON_INITIALIZER;
        BSON_APPEND_TIMESTAMP(&options, "startAtOperationTime", seconds, increment);
        BSON_APPEND_UTF8(&options, "fullDocument", "updateLookup");
        BSON_APPEND_INT32(&options, "batchSize", 1000);
        BSON_APPEND_INT64(&options, "maxAwaitTimeMS", 500);
        auto* const stream = ::mongoc_collection_watch(collection_.get(), &pipeline, &options);
        const bson_t* event = nullptr;
        bson_error_t error{};
        for (bool more = true; more;) {
            if (::mongoc_change_stream_next(stream, &event))
                more = each(event);
            else if (::mongoc_change_stream_error_document(stream, &error, nullptr))
                throw std::runtime_error(error.message);
        }
        ::mongoc_change_stream_destroy(stream);
        bson_destroy(&options);
        bson_destroy(&pipeline);
    }

    void find(const std::function<void(const bson_t*)>& each) {
        bson_t filter = BSON_INITIALIZER;
        bson_t options = BSON_INITIALIZER;
        bson_t by_id = BSON_INITIALIZER;
        BSON_APPEND_INT32(&by_id, "_id", 1);
        BSON_APPEND_DOCUMENT(&options, "sort", &by_id);
        BSON_APPEND_INT32(&options, "batchSize", 1000);
        auto* const cursor =
            ::mongoc_collection_find_with_opts(collection_.get(), &filter, &options, nullptr);
        const bson_t* document = nullptr;
        while (::mongoc_cursor_next(cursor, &document)) each(document);
        bson_error_t error{};
        if (::mongoc_cursor_error(cursor, &error)) throw std::runtime_error(error.message);
        ::mongoc_cursor_destroy(cursor);
        bson_destroy(&by_id);
        bson_destroy(&options);
        bson_destroy(&filter);
    }

  private:
    struct Free {
        void operator()(mongoc_client_t* c) const { ::mongoc_client_destroy(c); }
        void operator()(mongoc_collection_t* c) const { ::mongoc_collection_destroy(c); }
    };
    std::unique_ptr<mongoc_client_t, Free> client_;
    std::unique_ptr<mongoc_collection_t, Free> collection_;
};

std::string drain(Source& source, std::uint32_t seconds, std::uint32_t increment, std::size_t events) {
    std::size_t seen = 0, bytes = 0;
    const Meter meter;
    source.stream(seconds, increment, [&](const bson_t* event) {
        bytes += event->len;
        return ++seen < events;
    });
    return meter.row("drain", seen, bytes);
}

std::string read(Source& source) {
    std::size_t documents = 0, bytes = 0;
    const Meter meter;
    source.find([&](const bson_t* document) {
        ++documents;
        bytes += document->len;
    });
    return meter.row("read", documents, bytes);
}

/// What halcyon would send for a document of the benches, but for the vector.
struct Rendered {
    DocumentKey key;
    render::Wanted wanted;
};

std::vector<Rendered> rendered(Source& source, const std::string& ns) {
    render::RouteOptions options;
    options.from = Namespace::parse(ns).value();
    options.to = CollectionName("bench");
    options.text_fields = {"name", "description"};
    options.payload = {
        {"name", "", false}, {"price", "", false}, {"tags", "", false}, {"revision", "", false}};
    const auto route = render::Route::compile(options, "bench", dimensions, Distance::cosine).value();
    std::vector<Rendered> all;
    source.find([&](const bson_t* bson) {
        const std::string_view bytes(reinterpret_cast<const char*>(bson_get_data(bson)), bson->len);
        const auto document = Document::from_bson(bytes).value();
        all.push_back({{options.from, DocId::of(bytes).value()}, route.want(document).value()});
    });
    return all;
}

/// Sends all, over a few connections, and waits for each answer. Returns the bytes sent.
std::size_t send(std::uint16_t port, std::string_view line, const std::vector<std::string>& bodies) {
    std::size_t bytes = 0;
    for (const auto& body : bodies) bytes += body.size();
    std::vector<std::exception_ptr> failed(connections);
    {
        std::vector<std::jthread> senders;
        for (std::size_t c = 0; c < connections; ++c)
            senders.emplace_back([&, c] {
                try {
                    auto wire = Wire::connect(port);
                    Wire::Message answer;
                    for (auto i = c; i < bodies.size(); i += connections) {
                        wire.send(
                            fmt::format("{} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
                                        "Content-Length: {}\r\n\r\n",
                                        line, bodies[i].size()),
                            bodies[i]);
                        if (!wire.receive(answer) || answer.head.find(" 200 ") == answer.head.npos)
                            throw std::runtime_error("a request was refused: " +
                                                     std::string(answer.body.substr(0, 300)));
                    }
                } catch (...) {
                    failed[c] = std::current_exception();
                }
            });
    }
    for (const auto& thrown : failed)
        if (thrown) std::rethrow_exception(thrown);
    return bytes;
}

std::vector<std::string> embedder_bodies(const std::vector<Rendered>& documents, std::size_t texts) {
    std::vector<std::string> bodies;
    for (std::size_t i = 0; i < documents.size(); i += texts) {
        std::string body = "{\"truncate\":true,\"inputs\":[";
        for (auto k = i; k < std::min(i + texts, documents.size()); ++k) {
            if (k > i) body += ',';
            json::append_string(body, documents[k].wanted.text);
        }
        bodies.push_back(body + "]}");
    }
    return bodies;
}

std::vector<std::string> qdrant_bodies(const std::vector<Rendered>& documents, const std::string& collection,
                                       const std::string& vector) {
    const SourceName source("mongodb");
    const CollectionName name(collection);
    std::vector<std::string> bodies;
    for (std::size_t i = 0; i < documents.size(); i += points_a_request) {
        std::vector<PointWrite> points;
        for (auto k = i; k < std::min(i + points_a_request, documents.size()); ++k) {
            const auto& d = documents[k];
            Provenance provenance;
            provenance.source = source;
            provenance.key = d.key;
            provenance.chunks = 1;
            provenance.text = d.wanted.text_digest;
            provenance.payload = d.wanted.payload_digest;
            provenance.version = {1, {1767225600, 1}, 0};
            provenance.at = {1767225600123};
            points.push_back({point_id(source, name, d.key, 0), share({vector, dimensions}), d.wanted.payload,
                              provenance});
        }
        std::vector<const PointWrite*> pointers;
        for (const auto& p : points) pointers.push_back(&p);
        qdrant::ProvenanceEncoder encoder(name);
        bodies.push_back(qdrant::upsert_body(pointers, encoder, ""));
    }
    return bodies;
}

std::string one_vector(std::uint16_t embedder) {
    auto wire = Wire::connect(embedder);
    const std::string body = R"({"truncate":true,"inputs":["halcyon"]})";
    wire.send(fmt::format("POST /embed HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.size()), body);
    Wire::Message answer;
    if (!wire.receive(answer) || answer.body.size() < 4)
        throw std::runtime_error("the embedder does not answer");
    return std::string(answer.body.substr(1, answer.body.size() - 2));
}

std::string replay(Source& source, const std::string& ns, const char* embedder_url, const char* qdrant_url,
                   const std::string& collection, std::size_t texts) {
    const auto embedder = bench::port_of(embedder_url);
    const auto documents = rendered(source, ns);
    std::string rows;
    {
        const auto bodies = embedder_bodies(documents, texts);
        const Meter meter;
        const auto bytes = send(embedder, "POST /embed", bodies);
        rows += meter.row("embed", documents.size(), bytes) + ",";
    }
    const auto bodies = qdrant_bodies(documents, collection, one_vector(embedder));
    const Meter meter;
    const auto bytes = send(bench::port_of(qdrant_url),
                            fmt::format("PUT /collections/{}/points?wait=true", collection), bodies);
    return rows + meter.row("write", documents.size(), bytes);
}

/// Nothing is read of a page but where the next one begins.
std::string scroll(const char* qdrant_url, const std::string& collection, std::size_t page) {
    constexpr std::string_view point = "\"payload\":{", next = "\"next_page_offset\":\"";
    auto wire = Wire::connect(bench::port_of(qdrant_url));
    std::size_t points = 0, bytes = 0;
    const Meter meter;
    for (std::optional<std::string> from; points == 0 || from;) {
        const auto body = qdrant::scroll_body(from, page);
        wire.send(fmt::format("POST /collections/{}/points/scroll HTTP/1.1\r\nHost: bench\r\n"
                              "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                              collection, body.size()),
                  body);
        Wire::Message answer;
        if (!wire.receive(answer) || answer.head.find(" 200 ") == answer.head.npos)
            throw std::runtime_error("a page was refused: " + std::string(answer.body.substr(0, 300)));
        bytes += answer.body.size();
        for (auto at = answer.body.find(point); at != answer.body.npos; at = answer.body.find(point, at + 1))
            ++points;
        from.reset();
        if (const auto at = answer.body.find(next); at != answer.body.npos) {
            const auto begin = at + next.size();
            from = answer.body.substr(begin, answer.body.find('"', begin) - begin);
        }
        if (points == 0) throw std::runtime_error("the collection is empty");
    }
    return meter.row("scroll", points, bytes);
}

}  // namespace

int main(int argc, char** argv) try {
    const std::vector<std::string> a(argv, argv + argc);
    const auto number = [&](std::size_t i) { return std::strtoul(a[i].c_str(), nullptr, 10); };
    std::string rows;
    if (a.size() == 7 && a[1] == "drain") {
        Source source(argv[2], a[3]);
        rows = drain(source, static_cast<std::uint32_t>(number(4)), static_cast<std::uint32_t>(number(5)),
                     number(6));
    } else if (a.size() == 4 && a[1] == "read") {
        Source source(argv[2], a[3]);
        rows = read(source);
    } else if (a.size() == 8 && a[1] == "replay") {
        Source source(argv[2], a[3]);
        rows = replay(source, a[3], argv[4], argv[5], a[6], std::max<std::size_t>(number(7), 1));
    } else if (a.size() == 5 && a[1] == "scroll") {
        rows = scroll(argv[2], a[3], std::max<std::size_t>(number(4), 1));
    } else {
        std::fprintf(stderr, "bench_floor drain | read | replay | scroll: see bench/floor.cpp\n");
        return 2;
    }
    std::printf("{%s}\n", rows.c_str());
    return 0;
} catch (const std::exception& e) {
    std::fprintf(stderr, "bench_floor failed: %s\n", e.what());
    return 1;
}
