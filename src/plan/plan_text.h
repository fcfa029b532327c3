// plan_text: a plan as a table for people.
#pragma once

#include <string>

#include "src/plan/plan_data.h"

namespace sectile::internal {

std::string plan_text(const PlanData& plan);

}  // namespace sectile::internal
