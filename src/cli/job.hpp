// Jobs as people read them. Pure.
#pragma once

#include <optional>
#include <string>

#include "cli/exit_code.hpp"

namespace boost::json {
class object;
}

namespace halcyon::cli {

/// How a command ends that follows this job; nothing: it goes on. `watched`: somebody sees the question of a
/// guard and can answer it.
std::optional<Exit> end_of_job(const boost::json::object& job, bool watched);
/// "42%  1,234 of 2,900  340/s  5.0 s left", or what it waits for.
std::string progress_of(const boost::json::object& job);
/// The same behind a bar, where there is room for one; at most `width` characters.
std::string progress_line(const boost::json::object& job, std::size_t width);
/// "products from shop.products", "everything"
std::string scope_of(const boost::json::object& job);
/// "42%", or "" while that is unknown.
std::string share_of(const boost::json::object& job);

}  // namespace halcyon::cli
