// What a collection needs for a document: nothing, a payload, a vector, a removal. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/receipt.hpp"
#include "render/route.hpp"

namespace halcyon::pipeline {

enum class Action {
    superseded,         // what is held is newer
    skip,               // held already: only the receipt's version moves on
    tombstone,          // nothing is held and nothing should be: remember the version
    overwrite_payload,  // the vectors stay
    embed_and_upsert,   // new text
    remove,             // everything goes
};

std::string_view to_string(Action action);

/// `wanted` has no meaning for a document that is gone: pass a Wanted with `wanted == false`.
/// `held` is the receipt, or what Qdrant was found to hold. A half-written document is a receipt with empty
/// digests and the number of chunks that may exist.
Action plan(const Version& version, const render::Wanted& wanted, const std::optional<Receipt>& held);

}  // namespace halcyon::pipeline
