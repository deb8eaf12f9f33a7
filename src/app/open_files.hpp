// How many files the process may have open.
#pragma once

namespace halcyon::app {

/// Raises the soft limit (RLIMIT_NOFILE, often 1024) to the hard one, at most to 65,536: connections of
/// clients are files, those to MongoDB, Qdrant and embedders, and RocksDB's tables too. None of the libraries
/// uses select(), which could not take the higher ones. What cannot be raised stays.
void raise_open_files();

}  // namespace halcyon::app
