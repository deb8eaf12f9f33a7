// Makes embedders.
#pragma once

#include <memory>

#include "async/pool.hpp"
#include "core/ports/embedder.hpp"
#include "embed/options.hpp"

namespace halcyon::embed {

/// `pool` is used by lexical only and must outlive it. The API key is masked in the log from here on. No I/O.
/// Errors: {fatal, invalid} for options, URL or ca_file that can't be used.
Result<std::unique_ptr<Embedder>> make_embedder(const EmbedderOptions& options, async::Executor executor,
                                                async::Pool& pool);

}  // namespace halcyon::embed
