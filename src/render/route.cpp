#include "render/route.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "core/json_text.hpp"
#include "render/chunker.hpp"
#include "render/filter.hpp"
#include "render/payload.hpp"
#include "render/text_template.hpp"

namespace halcyon::render {
namespace {

/// What the chunks of one document may add up to.
constexpr std::uint64_t most_chunk_bytes = 64 << 20;

auto refuse(std::string why) { return fail(Verdict::reject, Cause::invalid, std::move(why)); }

Result<void> check(const RouteOptions& o, std::uint32_t dimension) {
    if (o.from.database.empty() || o.from.collection.empty())
        return refuse("from: names no namespace, like shop.products");
    if (o.to.value().empty()) return refuse("to: names no collection, like products");
    if (dimension == 0) return refuse("the embedder's vectors have no dimension");
    if (!o.chunk) return success();
    if (o.chunk->size < 1 || o.chunk->size > 100'000)
        return refuse(fmt::format("chunk.size: {} is not from 1 to 100000 words, like 220", o.chunk->size));
    if (o.chunk->overlap >= o.chunk->size)
        return refuse(
            fmt::format("chunk.overlap: {} is not less than the size, {}", o.chunk->overlap, o.chunk->size));
    return success();
}

Digest fingerprint_of(const RouteOptions& o, std::string_view embedder, std::uint32_t dimension,
                      Distance distance) {
    DigestBuilder d;
    d.add(embedder).add(std::uint64_t{dimension}).add(static_cast<std::uint64_t>(distance));
    d.add(TextTemplate::version).add(std::uint64_t{o.text_fields.size()});
    for (const auto& field : o.text_fields) d.add(field);
    if (o.text_fields.empty()) d.add(o.text);
    d.add(chunker_version).add(std::uint64_t{o.chunk.has_value()});
    if (o.chunk)
        d.add(static_cast<std::uint64_t>(o.chunk->by))
            .add(std::uint64_t{o.chunk->size})
            .add(std::uint64_t{o.chunk->overlap});
    return d.finish();
}

}  // namespace

struct Route::Compiled {
    RouteOptions options;
    Filter filter;
    TextTemplate text;
    PayloadSpec payload;
    Digest fingerprint;
    Digest definition;
    std::string embedder;  // with dimension and distance
};

Result<Route> Route::compile(RouteOptions options, std::string_view embedder, std::uint32_t dimension,
                             Distance distance) {
    HALCYON_TRY(check(options, dimension));
    HALCYON_TRY(auto&& filter, Filter::compile(options.filter));
    auto text = options.text_fields.empty() ? TextTemplate::parse(options.text)
                                            : TextTemplate::of_fields(options.text_fields);
    if (text.has_error()) return fail(std::move(text).error());
    HALCYON_TRY(auto&& payload,
                PayloadSpec::compile(options.payload, options.chunk ? options.chunk->text_as : std::string(),
                                     options.ignored));
    const auto fingerprint = fingerprint_of(options, embedder, dimension, distance);
    const auto definition =
        DigestBuilder().add(fingerprint).add(filter.digest()).add(payload.digest()).finish();
    Route route;
    route.compiled_ = std::make_shared<const Compiled>(Compiled{
        std::move(options), std::move(filter), std::move(text.value()), std::move(payload), fingerprint,
        definition,
        fmt::format("{}, {} dimensions, distance {}", embedder, dimension, static_cast<int>(distance))});
    return route;
}

const RouteOptions& Route::options() const { return compiled_->options; }
Digest Route::fingerprint() const { return compiled_->fingerprint; }
Digest Route::definition() const { return compiled_->definition; }

std::vector<std::pair<std::string, std::string>> Route::parts() const {
    const auto& o = compiled_->options;
    const auto chunk =
        o.chunk ? fmt::format("{} {} {}", static_cast<int>(o.chunk->by), o.chunk->size, o.chunk->overlap)
                : "none";
    const auto text = o.text_fields.empty() ? o.text : fmt::format("[{}]", fmt::join(o.text_fields, ", "));
    return {{"embedder", compiled_->embedder},
            {"text", text},
            {"chunk", chunk},
            {"filter", compiled_->filter.digest().hex()},
            {"payload", compiled_->payload.digest().hex()}};
}

Result<Wanted> Route::want(const Document& document) const {
    const auto& c = *compiled_;
    Wanted wanted;
    HALCYON_TRY(const auto belongs, c.filter.matches(document.bson()));
    if (!belongs) return wanted;
    HALCYON_TRY(auto&& text, c.text.render(document.bson()));
    if (text.empty()) return wanted;
    if (text.size() > most_bytes) return fail(Verdict::reject, Cause::too_large, "its text is over 8 MiB");
    if (c.options.chunk) {
        const std::uint64_t step = c.options.chunk->size - c.options.chunk->overlap;
        if (text.size() * c.options.chunk->size / step > most_chunk_bytes)
            return fail(Verdict::reject, Cause::too_large,
                        "the chunks of its text overlap so much that they are over 64 MiB");
    }
    HALCYON_TRY(auto&& payload, c.payload.render(document.bson()));
    wanted.wanted = true;
    wanted.text = std::move(text);
    wanted.payload = std::move(payload);
    wanted.text_digest = DigestBuilder().add(c.fingerprint).add(wanted.text).finish();
    // The chunk's text is not in the payload here, but whether it will be is.
    const auto text_as = c.options.chunk ? std::string_view(c.options.chunk->text_as) : std::string_view();
    wanted.payload_digest = DigestBuilder().add(text_as).add(wanted.payload).finish();
    return wanted;
}

std::vector<std::string> Route::chunks(std::string_view text) const {
    if (text.empty()) return {};
    if (!compiled_->options.chunk) return {std::string(text)};
    const auto views = chunk_text(text, *compiled_->options.chunk);
    if (views.empty()) return {std::string(text)};
    return {views.begin(), views.end()};
}

std::string Route::chunk_payload(std::string_view payload, std::string_view chunk) const {
    const auto& options = compiled_->options;
    std::string out(payload);
    if (!options.chunk || options.chunk->text_as.empty() || payload.empty()) return out;
    out.pop_back();
    if (payload.size() > 2) out += ',';
    json::append_string(out, options.chunk->text_as);
    out += ':';
    json::append_string(out, chunk);
    out += '}';
    return out;
}

}  // namespace halcyon::render
