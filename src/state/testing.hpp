// How tests open a store: on another file system, as another machine, as another version of the program.
#pragma once

#include <memory>

#include "state/hooks.hpp"
#include "state/rocks_store.hpp"

namespace halcyon::state {

Result<std::unique_ptr<RocksStore>> open_with(const Options& options, const Hooks& hooks, async::Pool& writer,
                                              async::Pool& readers);
Result<std::unique_ptr<StateReader>> open_read_only_with(const Options& options, const Hooks& hooks,
                                                         async::Pool& readers);

}  // namespace halcyon::state
