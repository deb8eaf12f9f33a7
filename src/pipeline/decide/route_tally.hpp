// What a comparison of a route would do and cost, counted document by document. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ports/embedder.hpp"
#include "core/receipt.hpp"
#include "render/route.hpp"

namespace halcyon::pipeline {

struct RoutePlan {
    std::string from;
    std::string to;
    std::uint64_t documents = 0;
    std::uint64_t left_out = 0;  // by the filter, or without a text
    std::uint64_t refused = 0;   // become dead letters
    std::uint64_t unchanged = 0;
    std::uint64_t payload_only = 0;
    std::uint64_t embed = 0;   // documents
    std::uint64_t remove = 0;  // documents that are held and should not be
    std::uint64_t texts = 0;   // chunks of them
    std::uint64_t characters = 0;
    std::uint64_t requests = 0;  // to the embedder
    std::uint64_t held = 0;      // documents that receipts say are there

    /// A rule of thumb: four characters a token.
    std::uint64_t tokens() const { return (characters + 3) / 4; }
    RoutePlan& operator+=(const RoutePlan& other);
};

/// Thread rule: one thread at a time.
class RouteTally {
  public:
    /// `force`: what is wanted is embedded, whatever is held.
    RouteTally(render::Route route, EmbedderLimits limits, bool force = false);

    const render::Route& route() const { return route_; }
    void add(const Document& document, const std::optional<Receipt>& held);
    /// One that is held and not looked at.
    void pass_by();
    /// One receipt that says a document is there, whether or not the scan finds it.
    void add_held() { ++plan_.held; }
    /// As counted so far; what was not found and is held counts as removed.
    RoutePlan finish() const;

  private:
    void add_text(std::string_view text);

    render::Route route_;
    EmbedderLimits limits_;
    bool force_;
    RoutePlan plan_;
    std::uint64_t found_held_ = 0;  // of plan_.held, those that the scan found
    std::size_t batch_texts_ = 0;
    std::size_t batch_bytes_ = 0;
};

}  // namespace halcyon::pipeline
