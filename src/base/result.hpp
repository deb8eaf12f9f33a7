// A value or an Error; the way every expected failure travels.
#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/all_narrow.hpp>
#include <boost/outcome/success_failure.hpp>
#include <boost/outcome/try.hpp>
#include <utility>

#include "base/error.hpp"

namespace halcyon {

/// REQUIRES: ask `has_value()` before `value()`, `has_error()` before `error()`: the wrong one is undefined.
template <class T = void>
using Result = boost::outcome_v2::basic_result<T, Error, boost::outcome_v2::policy::all_narrow>;

using boost::outcome_v2::failure;
using boost::outcome_v2::success;

/// `return fail(Verdict::retry, Cause::timeout, "qdrant did not answer in 5 s");`
inline auto fail(Verdict v, Cause c, std::string context) {
    return failure(Error{v, c, std::move(context), {}});
}
inline auto fail(Error e) { return failure(std::move(e)); }

}  // namespace halcyon

/// `HALCYON_TRY(name, expression);` declares `name`, or returns the error from the function.
#define HALCYON_TRY BOOST_OUTCOME_TRY
/// The same in a coroutine: co_returns the error.
#define HALCYON_CO_TRY BOOST_OUTCOME_CO_TRY
