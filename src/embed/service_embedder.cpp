#include "embed/service_embedder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "embed/errors.hpp"

namespace halcyon::embed {
namespace {

constexpr std::string_view test_text = "halcyon";

EmbedderLimits limits_of(const EmbedderOptions& options) {
    EmbedderLimits limits;
    limits.texts = options.batch.texts != 0 ? options.batch.texts : 64;
    limits.bytes = options.batch.bytes != 0 ? options.batch.bytes : MiB;
    limits.concurrency = options.concurrency != 0 ? options.concurrency : 8;
    limits.characters = limits.bytes;
    return limits;
}

}  // namespace

ServiceEmbedder::ServiceEmbedder(EmbedderOptions options, std::unique_ptr<Protocol> protocol,
                                 net::HttpClient client)
    : options_(std::move(options)),
      protocol_(std::move(protocol)),
      client_(std::move(client)),
      limits_(limits_of(options_)),
      dimension_(options_.dimensions) {}

std::string ServiceEmbedder::identity() const {
    auto identity = fmt::format("{} {}", protocol_->name(), options_.model);
    if (options_.dimensions != 0) identity += fmt::format(" {}", options_.dimensions);
    return identity;
}

EmbedderLimits ServiceEmbedder::limits() const { return limits_; }

Task<Result<net::Reply>> ServiceEmbedder::ask(net::Request request, Deadline deadline) {
    const async::SystemClock clock;
    deadline = deadline.sooner(Deadline::in(clock, options_.timeout));
    auto reply = co_await client_.send(std::move(request), deadline);
    if (!reply)
        co_return fail(without_effect(std::move(reply.error()), deadline.left(clock) <= Duration::zero()));
    if (reply.value().status != 200)
        co_return fail(verdict_of(reply.value(), clock.wall()).in(client_.origin()));
    co_return reply;
}

Task<Result<std::vector<EncodedVector>>> ServiceEmbedder::vectors(std::vector<std::string> texts,
                                                                  Deadline deadline) {
    HALCYON_CO_TRY(auto reply, co_await ask(protocol_->encode(texts), deadline));
    auto decoded = protocol_->decode(std::move(reply.body), texts.size());
    if (!decoded) co_return fail(decoded.error().in(client_.origin()));
    co_return decoded;
}

Task<Result<>> ServiceEmbedder::learn_limits(Deadline deadline) {
    auto request = protocol_->ask_limits();
    if (limits_known_ || !request) co_return success();
    const auto reply = co_await ask(std::move(*request), deadline);
    // Servers that only speak the same protocol need not tell their limits.
    if (!reply && reply.error().cause != Cause::not_found) co_return fail(reply.error());
    if (const auto most = reply ? protocol_->most_texts(reply.value().body) : std::nullopt) {
        if (options_.batch.texts > *most)
            log::warn("embed", "{} takes {} texts in a request, not {} as set", client_.origin(), *most,
                      options_.batch.texts);
        limits_.texts = std::min(limits_.texts, *most);
    }
    limits_known_ = true;
    co_return success();
}

Task<Result<std::uint32_t>> ServiceEmbedder::dimension(Deadline deadline) {
    HALCYON_CO_TRY(co_await learn_limits(deadline));
    if (dimension_ != 0) co_return dimension_;
    auto asked = co_await vectors({std::string(test_text)}, deadline);
    if (!asked) {
        auto error = std::move(asked.error());
        if (error.verdict == Verdict::reject)
            co_return fail(Verdict::fatal, Cause::invalid, "a test text was refused: " + error.context);
        co_return fail(std::move(error));
    }
    const auto found = asked.value().front().dimension;
    if (found == 0)
        co_return fail(Verdict::fatal, Cause::dimension_mismatch,
                       client_.origin() + ": an empty vector was sent");
    if (dimension_ == 0) dimension_ = found;
    co_return dimension_;
}

Task<Result<std::vector<EncodedVector>>> ServiceEmbedder::embed(std::vector<std::string> texts,
                                                                Deadline deadline) {
    if (texts.empty()) co_return std::vector<EncodedVector>{};
    HALCYON_CO_TRY(const auto wanted, co_await dimension(deadline));
    HALCYON_CO_TRY(auto embedded, co_await vectors(std::move(texts), deadline));
    for (const auto& vector : embedded)
        if (vector.dimension != wanted)
            co_return fail(
                Verdict::fatal, Cause::dimension_mismatch,
                fmt::format("{}: a vector of {} numbers where {} are expected; was the model changed?",
                            client_.origin(), vector.dimension, wanted));
    co_return embedded;
}

}  // namespace halcyon::embed
