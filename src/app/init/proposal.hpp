// From samples to routes: what of a deployment is worth searching, and how. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/init/field_stats.hpp"
#include "core/key.hpp"
#include "mongo/survey.hpp"

namespace halcyon::app::init {

struct PayloadProposal {
    std::string field;
    std::string index;  // Qdrant's type; empty: none
    bool geo = false;
};

struct RouteProposal {
    Namespace from;
    std::string to;
    std::uint64_t documents = 0;      // an estimate
    std::uint64_t average_bytes = 0;  // of one
    std::uint64_t sampled = 0;
    /// Empty: nothing here is worth searching.
    std::vector<std::string> text;
    /// Texts that were not taken, since there are better ones.
    std::vector<std::string> more_text;
    std::vector<PayloadProposal> payload;
    bool chunk = false;  // many of the texts are long
    /// Names of fields by reason.
    std::vector<std::pair<std::string, std::vector<std::string>>> left_out;
};

struct SampledCollection {
    Namespace ns;
    mongo::CollectionLook look;
};

/// `text`: the fields that somebody chose, instead of those that are proposed.
RouteProposal propose(const SampledCollection& sampled, std::optional<std::vector<std::string>> text = {});

/// Gives each route the name of its MongoDB collection as Qdrant takes it; where several would get the same,
/// with the database's in front, and at last with a number.
void name_targets(std::vector<RouteProposal>& routes);

/// Every field with strings in it, for somebody who chooses.
std::vector<std::string> text_candidates(const SampledCollection& sampled);

}  // namespace halcyon::app::init
