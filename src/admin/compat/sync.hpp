// Routes of the systems that halcyon replaces (docs/earlier-systems.md): a thin layer over what /v1 does.
// There an id has no namespace: it means the document with that `_id` in each namespace that a route leads
// from.
#pragma once

#include <set>
#include <string>

#include "admin/body.hpp"
#include "admin/retrying.hpp"
#include "admin/sidecar.hpp"
#include "admin/tables.hpp"

namespace halcyon::admin::compat {

/// The first of these systems called documents tools: its paths answer, too.
Routes sync_lists(Sidecar& sidecar);
Routes sync_acts(Sidecar& sidecar);

/// `id` in each routed namespace and collection; `only`: those collections, empty: all.
std::vector<ReceiptKey> keys_of(const DocId& id, const Edges& routes, const std::set<std::string>& only);

}  // namespace halcyon::admin::compat
