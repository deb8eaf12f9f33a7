// Whether a scan that somebody ordered may go on where an earlier life left it. Pure.
#pragma once

#include "core/commit.hpp"

namespace halcyon::pipeline {

/// `compared`: when the route's own comparison, which is complete, began. What an ordered scan has read
/// before that counts no more: there was a gap, or the route was another one. Empty: it never was compared.
inline bool goes_on(const SnapshotProgress& left, const Digest& definition, std::uint32_t epoch,
                    const Version& compared) {
    return !left.ranges.empty() && left.route == definition && left.started.epoch == epoch &&
           left.started >= compared;
}

}  // namespace halcyon::pipeline
