// Plans of methods that take statistics of the whole image: a plan for each stage, or one run of
// all of it.
#pragma once

#include "sectile/model.h"
#include "sectile/result.h"
#include "src/model/model_data.h"
#include "src/plan/limits.h"
#include "src/plan/plan_data.h"
#include "src/program/program.h"

namespace sectile::internal {

// REQUIRES: the method has stages. Errors: those of make_plan.
Result<PlanData> plan_staged(const Program& program, const MethodInfo& info, const MethodData& data,
                             const ImageInfo& image, const PlanTask& task);

}  // namespace sectile::internal
