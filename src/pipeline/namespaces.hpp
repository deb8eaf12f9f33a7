// Which namespaces died when.
#pragma once

#include <map>
#include <vector>

#include "core/commit.hpp"

namespace halcyon::pipeline {

/// The durable namespace tombstones, in memory. A tombstone without a collection stands for its whole
/// database. Thread rule: the loop.
class DeadNamespaces {
  public:
    void add(const NamespaceTombstone& t) {
        auto& known = dead_[t.ns];
        if (t.version > known) known = t.version;
    }
    /// A state of `ns` at `version` is dead.
    bool covers(const Namespace& ns, const Version& version) const {
        if (dead_.empty()) return false;
        const auto at = [&](const Namespace& n) {
            const auto it = dead_.find(n);
            return it != dead_.end() && version <= it->second;
        };
        return at(ns) || at(Namespace{ns.database, ""});
    }

  private:
    std::map<Namespace, Version> dead_;
};

}  // namespace halcyon::pipeline
