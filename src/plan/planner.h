// Planner: chooses mode, tile, form and workers for one image.
//
// It sees a network only as two axes and as NetworkCosts, so everything here is arithmetic.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sectile/plan.h"
#include "sectile/result.h"
#include "src/plan/candidates.h"

namespace sectile::internal {

struct Choice {
  Candidate candidate;
  double compute_ratio = 1;
  std::vector<PlanAlternative> alternatives;
};

// No plan fits in `memory_bytes`, the share of each of so many runs at a time; the message names
// the smallest limit that works for all of them.
Error over_budget(const PlannedMemory& leanest, std::int64_t memory_bytes, int runs);

// Weighs time against memory: the least score is the best. Where the memory was not given but
// found, time is traded for memory: the score is the sum of time (1 is that of the fastest plan)
// and 0.4 times the memory (1 is what the whole image as one tile would need, 4 GiB at most).
struct Weighing {
  double fastest_seconds = 1;
  const PlannedMemory& whole;
  bool spare_memory = false;
  std::pair<double, double> score(double seconds, const PlannedMemory& memory) const;
};

// Takes the candidate of the best score that fits.
// More memory never gives a plan that is slower by its own prediction.
// Errors: those of make_candidates; over_budget.
Result<Choice> choose_plan(const PlanInput& input, NetworkCosts& network,
                           const PlanRequest& request);

}  // namespace sectile::internal
