// Which sessions of a stream stay loaded from one run to the next.
#pragma once

#include <memory>
#include <vector>

#include "src/plan/plan_data.h"
#include "src/transform/stream.h"

namespace sectile::internal {

// For each lane, whether each of its programs is kept: as many as fit into the plan's memory limit
// beside what a single run holds, those that run the most steps first.
std::vector<std::vector<bool>> kept_sessions(
    const std::vector<std::shared_ptr<const StreamNetwork>>& lanes, const PlanData& plan);

}  // namespace sectile::internal
