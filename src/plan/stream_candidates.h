// Plans that stream down the image in lanes side by side.
#pragma once

#include <vector>

#include "sectile/result.h"
#include "src/plan/candidates.h"

namespace sectile::internal {

// Those worth comparing: as many lanes as workers or fewer, steps of several heights, plain and
// transient_tables.
// REQUIRES: network.can_stream().
// Errors: those of the costs, when no step and no number of lanes has any.
Result<std::vector<Candidate>> stream_candidates(const PlanInput& input, NetworkCosts& network,
                                                 const PlanRequest& request);

}  // namespace sectile::internal
