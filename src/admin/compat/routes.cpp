#include "admin/compat/sync.hpp"

namespace halcyon::admin {

Routes compat_routes(Sidecar& sidecar) {
    auto all = compat::sync_lists(sidecar);
    for (auto& route : compat::sync_acts(sidecar)) all.push_back(std::move(route));
    return all;
}

}  // namespace halcyon::admin
