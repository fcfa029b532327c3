// What the predictions of all kinds of plans share.
#pragma once

#include "src/plan/candidates.h"

namespace sectile::internal {

// The parts that every plan has; strips and history rows are still 0.
PlannedMemory memory_of(const PlanInput& input, const SessionMemory& session, int workers);

// The first use of memory makes the system clear its pages; the workers do it side by side.
double first_touch_seconds(const PlannedMemory& memory);

}  // namespace sectile::internal
