// Jobs as JSON.
#pragma once

#include <string>
#include <vector>

#include "core/ports/job_control.hpp"

namespace boost::json {
class object;
}

namespace halcyon::api {

boost::json::object job_json(const Job& job);
/// The reply of GET /v1/jobs.
std::string jobs_json(const std::vector<Job>& jobs);

}  // namespace halcyon::api
