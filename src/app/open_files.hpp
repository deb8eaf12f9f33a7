// How many files the process may have open.
#pragma once

#include <cstdint>

namespace halcyon::app {

/// Most that `run` asks for: places for 16,384 connections a listener (net::ServerOptions.connections), more
/// than memory has room for.
inline constexpr std::uint64_t most_open_files = 65'536;

/// The soft limit to ask for where these stand: up to the hard one and `most_open_files`, never down. Pure.
std::uint64_t open_files_wanted(std::uint64_t soft, std::uint64_t hard);

/// Raises the soft limit of the process (RLIMIT_NOFILE) to what is wanted and says so at debug. Systems set
/// it to 1,024 for the sake of programs that call select(); nothing here or in the libraries does so with
/// files that we open. Where it cannot be raised it stays. Call it before an HttpServer is made: that counts
/// its places by the limit.
void raise_open_files();

}  // namespace halcyon::app
