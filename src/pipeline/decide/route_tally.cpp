#include "pipeline/decide/route_tally.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "pipeline/decide/planner.hpp"

namespace halcyon::pipeline {
namespace {

/// Newer than any receipt: the plan is about what is in the source now.
constexpr Version newest{
    std::numeric_limits<std::uint32_t>::max(),
    {std::numeric_limits<std::uint32_t>::max(), std::numeric_limits<std::uint32_t>::max()},
    Version::last};

std::uint64_t characters_of(std::string_view text) {
    return static_cast<std::uint64_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

RoutePlan& RoutePlan::operator+=(const RoutePlan& o) {
    documents += o.documents, left_out += o.left_out, refused += o.refused, unchanged += o.unchanged;
    payload_only += o.payload_only, embed += o.embed, remove += o.remove, texts += o.texts;
    characters += o.characters, requests += o.requests, held += o.held;
    return *this;
}

RouteTally::RouteTally(render::Route route, EmbedderLimits limits, bool force)
    : route_(std::move(route)), limits_(limits), force_(force) {
    plan_.from = route_.options().from.text();
    plan_.to = route_.options().to.value();
}

void RouteTally::add(const Document& document, const std::optional<Receipt>& held) {
    ++plan_.documents;
    if (held && !held->deleted) ++found_held_;
    const auto wanted = route_.want(document);
    if (wanted.has_error()) {
        ++plan_.refused;
        return;
    }
    auto known = held;
    if (force_ && known && !known->deleted) known->text = {};
    switch (plan(newest, wanted.value(), known)) {
        case Action::superseded:
        case Action::skip:
            ++plan_.unchanged;
            break;
        case Action::tombstone:
            ++plan_.left_out;
            break;
        case Action::overwrite_payload:
            ++plan_.payload_only;
            break;
        case Action::remove:
            ++plan_.left_out;
            ++plan_.remove;
            break;
        case Action::embed_and_upsert:
            ++plan_.embed;
            for (const auto& chunk : route_.chunks(wanted.value().text)) add_text(chunk);
            break;
    }
}

void RouteTally::pass_by() {
    ++plan_.documents;
    ++plan_.unchanged;
    ++found_held_;
}

void RouteTally::add_text(std::string_view text) {
    ++plan_.texts;
    plan_.characters += characters_of(text);
    const bool full =
        batch_texts_ >= limits_.texts || (batch_texts_ > 0 && batch_bytes_ + text.size() > limits_.bytes);
    if (full || batch_texts_ == 0) {
        ++plan_.requests;
        batch_texts_ = batch_bytes_ = 0;
    }
    ++batch_texts_;
    batch_bytes_ += text.size();
}

RoutePlan RouteTally::finish() const {
    auto out = plan_;
    // A document that went while this was counted may have been met or not.
    if (out.held > found_held_) out.remove += out.held - found_held_;
    return out;
}

}  // namespace halcyon::pipeline
