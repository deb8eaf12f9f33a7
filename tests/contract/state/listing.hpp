// All that a store holds, as JSON that people can read: what a kept state folder must still read as.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "contract/state/stores.hpp"

namespace halcyon::testing {

/// Commits that leave a record of every kind: written first, then changed and erased in part.
struct FixtureCommits {
    std::vector<Commit> first;
    std::vector<Commit> second;
};
FixtureCommits fixture_commits();

/// Every record that the readers show, but for how the last run ended.
boost::json::object listing_of(AnyStore& store);
/// One row a line.
std::string pretty(const boost::json::object& listing);
/// What `read` lacks of `expected` or says otherwise; empty: nothing. A member that only `read` has came with
/// a later schema version and is that migration's to test.
std::string difference(const boost::json::value& expected, const boost::json::value& read,
                       const std::string& where = "");

}  // namespace halcyon::testing
