// JSON merge patches (RFC 7396). Pure.
#pragma once

namespace boost::json {
class object;
}

namespace halcyon::admin {

/// What turns `before` into `after`; empty: they are equal. REQUIRES: neither has a member that is null but
/// inside of arrays, since a patch says with null that a member is gone.
boost::json::object merge_patch(const boost::json::object& before, const boost::json::object& after);

/// Takes out members that are null, but not those inside of arrays.
void drop_nulls(boost::json::object& object);

}  // namespace halcyon::admin
