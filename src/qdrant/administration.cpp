#include "qdrant/administration.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "qdrant/json.hpp"
#include "qdrant/provenance.hpp"
#include "qdrant/read_protocol.hpp"

namespace halcyon::qdrant {

namespace {

std::string collection_target(std::string_view physical, std::string_view suffix = {}) {
    return fmt::format("/collections/{}{}", path_segment(physical), suffix);
}

}  // namespace

Error not_ours(const CollectionSpec& spec, std::string_view physical, const Identity& found) {
    const auto& name = spec.name.value();
    if (!found.collection.empty())
        return {Verdict::fatal,
                Cause::conflict,
                fmt::format("collection `{}` was made for `{}`, not for `{}`: its points have other ids; "
                            "choose another name, or set collections.{}.adopt: true",
                            physical, found.collection, name, name),
                {}};
    return {Verdict::fatal,
            Cause::conflict,
            fmt::format("collection `{}` exists and was not made by halcyon: choose another name, or set "
                        "collections.{}.adopt: true to write into it",
                        physical, name),
            {}};
}

std::vector<std::pair<std::string, std::string>> wanted_indexes(const CollectionSpec& spec) {
    std::vector<std::pair<std::string, std::string>> wanted{{std::string(namespace_path), "keyword"},
                                                            {std::string(key_path), "keyword"}};
    wanted.insert(wanted.end(), spec.payload_indexes.begin(), spec.payload_indexes.end());
    return wanted;
}

std::string make_uuid(Random& random) {
    const auto high = (random.next() & ~0xf000ULL) | 0x4000ULL;
    const auto low = (random.next() & ~(3ULL << 62U)) | (2ULL << 62U);
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32U, (high >> 16U) & 0xffffU,
                       high & 0xffffU, low >> 48U, low & 0xffffffffffffULL);
}

Identity Administration::new_identity(const CollectionName& name) {
    return {make_uuid(random_), rfc3339(api_->clock().wall()), name.value(), 0};
}

Task<Result<std::string>> Administration::set_up(ApiRequest request, Deadline deadline) {
    auto body = co_await api_->ask(std::move(request), api_->bounded_admin(deadline));
    if (body) co_return body;
    auto e = std::move(body).error();
    if (e.verdict == Verdict::reject) e.verdict = Verdict::fatal, e.cause = Cause::invalid;
    co_return fail(std::move(e));
}

Task<Result<>> Administration::check_server(Deadline deadline) {
    if (server_checked_) co_return success();
    auto body = co_await api_->ask({"GET", "/"}, api_->bounded(deadline));
    if (!body) co_return fail(std::move(body).error());
    const auto version = parse_version(body.value());
    if (!version) {
        log::warn("qdrant", "the server does not say its version; halcyon works with 1.17 to 1.19");
    } else {
        auto known = judge_version(version.value());
        if (!known) co_return fail(std::move(known).error());
        if (!known.value())
            log::warn("qdrant", "Qdrant {} was not tried; halcyon works with 1.17 to 1.19", version.value());
    }
    server_checked_ = true;
    co_return success();
}

Task<Result<bool>> Administration::exists(std::string name, Deadline deadline) {
    auto body = co_await api_->ask({"GET", collection_target(name, "/exists")}, api_->bounded(deadline));
    if (!body) co_return fail(std::move(body).error());
    co_return parse_exists(body.value());
}

Task<Result<Administration::Place>> Administration::find(std::shared_ptr<const CollectionSpec> spec,
                                                         Deadline deadline) {
    auto body = co_await api_->ask({"GET", "/aliases"}, api_->bounded(deadline));
    if (!body) co_return fail(std::move(body).error());
    const auto aliases = parse_aliases(body.value());
    if (!aliases) co_return fail(aliases.error());
    for (const auto& [alias, physical] : aliases.value())
        if (alias == spec->name.value()) co_return Place{physical, true, true};
    auto plain = co_await exists(spec->name.value(), deadline);
    if (!plain) co_return fail(std::move(plain).error());
    if (plain.value()) co_return Place{spec->name.value(), true, true};
    auto first = co_await exists(first_physical(spec->name), deadline);
    if (!first) co_return fail(std::move(first).error());
    co_return Place{first_physical(spec->name), first.value(), false};
}

Task<Result<>> Administration::create(std::shared_ptr<const CollectionSpec> spec, std::string physical,
                                      Deadline deadline) {
    auto text = create_body(*spec, new_identity(spec->name));
    if (!text) co_return fail(std::move(text).error());
    const auto timeout = api_->timeout_s(api_->bounded_admin(deadline));
    auto body = co_await set_up(
        {"PUT", collection_target(physical, fmt::format("?timeout={}", timeout)), std::move(text).value()},
        deadline);
    // Made meanwhile, or by a request whose answer was lost: what there is now is looked at next.
    if (!body && body.error().cause != Cause::conflict) co_return fail(std::move(body).error());
    co_return success();
}

Task<Result<>> Administration::make_indexes(std::shared_ptr<const CollectionSpec> spec,
                                            std::shared_ptr<Collection> collection, Deadline deadline) {
    for (const auto& [field, schema] : wanted_indexes(*spec)) {
        const auto type = index_type(schema);
        const auto there = collection->info.indexes.find(field);
        if (there != collection->info.indexes.end() && there->second == type) continue;
        if (there != collection->info.indexes.end())
            log::info("qdrant", "collection `{}`: the index of `{}` becomes {} (was {})",
                      collection->physical, field, type, there->second);
        auto made = co_await set_up(
            {"PUT", collection_target(collection->physical, "/index?wait=true"), index_body(field, schema)},
            deadline);
        if (!made) co_return fail(made.error().in(fmt::format("index of `{}`", field)));
        collection->info.indexes.insert_or_assign(field, type);
    }
    co_return success();
}

Task<Result<>> Administration::identify(std::shared_ptr<const CollectionSpec> spec,
                                        std::shared_ptr<Collection> collection, Deadline deadline) {
    if (!collection->info.halcyon.identity.empty()) co_return success();
    const auto identity = new_identity(spec->name);
    auto body = co_await set_up({"PATCH", collection_target(collection->physical), metadata_body(identity)},
                                deadline);
    if (!body) co_return fail(std::move(body).error());
    auto info = co_await collections_->describe(collection->physical, deadline);
    if (!info) co_return fail(std::move(info).error());
    collection->info.halcyon = info.value().halcyon;
    co_return success();
}

Task<Result<CollectionState>> Administration::ensure(CollectionSpec given, Deadline deadline) {
    auto spec = std::make_shared<const CollectionSpec>(std::move(given));
    if (auto known = co_await check_server(deadline); !known) co_return fail(std::move(known).error());
    auto place = co_await find(spec, deadline);
    if (!place) co_return fail(std::move(place).error());
    const auto physical = place.value().physical;
    const bool created = !place.value().exists;
    if (created) {
        if (auto made = co_await create(spec, physical, deadline); !made)
            co_return fail(made.error().in(fmt::format("create `{}`", physical)));
    }
    auto info = co_await collections_->describe(physical, deadline);
    if (!info) co_return fail(std::move(info).error());
    auto collection = std::make_shared<Collection>();
    collection->name = spec->name;
    collection->physical = physical;
    collection->vector_name = spec->vector_name.value_or("");
    collection->info = std::move(info).value();
    if (!created && !spec->adopt && collection->info.halcyon.collection != spec->name.value())
        co_return fail(not_ours(*spec, physical, collection->info.halcyon));
    if (auto fits = judge_vectors(*spec, physical, collection->info); !fits)
        co_return fail(std::move(fits).error());
    if (auto made = co_await make_indexes(spec, collection, deadline); !made)
        co_return fail(std::move(made).error());
    if (auto named = co_await identify(spec, collection, deadline); !named)
        co_return fail(std::move(named).error());
    // Last, so that searchers never find a collection that is not ready.
    if (!place.value().aliased) {
        auto aliased = co_await set_up(
            {"POST", "/collections/aliases", alias_body(spec->name.value(), physical)}, deadline);
        if (!aliased) co_return fail(aliased.error().in(fmt::format("alias `{}`", spec->name.value())));
    }
    const ReadParameters parameters{0, collections_->consistency(*collection)};
    auto counted = co_await api_->ask({"POST", read_target(physical, "count", parameters), count_body()},
                                      api_->bounded(deadline));
    if (!counted) co_return fail(std::move(counted).error());
    auto points = parse_count(counted.value());
    if (!points) co_return fail(std::move(points).error());
    collections_->put(collection);
    co_return CollectionState{physical, collection->info.halcyon.identity, points.value(), created,
                              collection->info.halcyon.epoch};
}

}  // namespace halcyon::qdrant
