// Every collection of a deployment, looked at.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/init/proposal.hpp"
#include "base/result.hpp"
#include "mongo/options.hpp"

namespace halcyon::app::init {

struct Survey {
    std::vector<SampledCollection> sampled;
    /// Collections that were not, and why.
    std::vector<std::pair<std::string, std::string>> skipped;
};

/// At most 200 collections, 200 documents and 10 s for each. `database` empty: all. Progress goes to standard
/// error, where a person looks at it. Blocking. Errors: no deployment that can be watched answers.
Result<Survey> survey(const mongo::Options& options, const std::string& database);

}  // namespace halcyon::app::init
