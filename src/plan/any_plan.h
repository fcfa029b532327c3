// Plans of any method, whatever the mode.
#pragma once

#include "sectile/model.h"
#include "sectile/plan.h"
#include "sectile/result.h"
#include "src/plan/limits.h"

namespace sectile::internal {

// Errors: those of make_plan.
Result<Plan> make_any_plan(const Model& model, const ImageInfo& image, const PlanTask& task);

}  // namespace sectile::internal
