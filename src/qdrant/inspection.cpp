// Administration's questions: what `ensure` would find and do.
#include <fmt/format.h>

#include <algorithm>

#include "qdrant/administration.hpp"
#include "qdrant/provenance.hpp"
#include "qdrant/read_protocol.hpp"

namespace halcyon::qdrant {

namespace {

std::vector<std::string> strict_limits(const CollectionInfo& info) {
    std::vector<std::string> out;
    const auto add = [&](const char* what, const std::optional<std::uint64_t>& limit) {
        if (limit) out.push_back(fmt::format("{} {}", what, *limit));
    };
    add("points a write:", info.upsert_points);
    add("hits a query:", info.query_limit);
    add("values a condition:", info.condition_size);
    add("seconds a request:", info.timeout_s);
    return out;
}

}  // namespace

Task<Result<ServerInspection>> Administration::inspect_server(Deadline deadline) {
    auto body = co_await api_->ask({"GET", "/"}, api_->bounded(deadline));
    if (!body) co_return fail(std::move(body).error());
    const auto version = parse_version(body.value());
    if (!version) co_return ServerInspection{};
    const auto known = judge_version(version.value());
    co_return ServerInspection{version.value(), known.has_value(), known.has_value() && known.value()};
}

Task<Result<CollectionInspection>> Administration::inspect(CollectionSpec given, Deadline deadline) {
    auto spec = std::make_shared<const CollectionSpec>(std::move(given));
    auto place = co_await find(spec, deadline);
    if (!place) co_return fail(std::move(place).error());
    CollectionInspection out{
        place.value().physical, place.value().exists, place.value().aliased, 0, {}, {}, {}};
    if (!out.exists) co_return out;
    auto info = co_await collections_->describe(out.physical, deadline);
    if (!info) co_return fail(std::move(info).error());
    auto judged = *spec;
    if (judged.dimension == 0) {
        const auto there = info.value().vectors.find(spec->vector_name.value_or(""));
        if (there != info.value().vectors.end())
            judged.dimension = static_cast<std::uint32_t>(there->second.size);
    }
    if (!spec->adopt && info.value().halcyon.collection != spec->name.value())
        out.wrong = not_ours(*spec, out.physical, info.value().halcyon);
    else if (auto fits = judge_vectors(judged, out.physical, info.value()); !fits)
        out.wrong = std::move(fits).error();
    for (const auto& [field, schema] : wanted_indexes(*spec)) {
        const auto there = info.value().indexes.find(field);
        if (there == info.value().indexes.end() || there->second != index_type(schema))
            out.missing_indexes.push_back(field);
    }
    out.strict = strict_limits(info.value());
    auto counted = co_await api_->ask({"POST", read_target(out.physical, "count", {}), count_body()},
                                      api_->bounded(deadline));
    if (!counted) co_return fail(std::move(counted).error());
    auto points = parse_count(counted.value());
    if (!points) co_return fail(std::move(points).error());
    out.points = points.value();
    co_return out;
}

}  // namespace halcyon::qdrant
