// Plans that cut the image into tiles; the whole image as one tile is one of them.
#pragma once

#include <vector>

#include "sectile/result.h"
#include "src/plan/candidates.h"

namespace sectile::internal {

// Those worth comparing, with exact costs. Not empty.
// Errors: invalid_argument (a tile below the smallest useful one; a size the network does not
// accept).
Result<std::vector<Candidate>> tile_candidates(const PlanInput& input, NetworkCosts& network,
                                               const PlanRequest& request);

// The whole image as one tile on so many threads, which other plans are compared with.
// Errors: those of the costs.
Result<Candidate> whole_image(const PlanInput& input, NetworkCosts& network, int threads);

}  // namespace sectile::internal
