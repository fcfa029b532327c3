// Plans of networks that can be cut into tiles with equal bits.
#pragma once

#include "sectile/model.h"
#include "sectile/result.h"
#include "src/model/model_data.h"
#include "src/plan/limits.h"
#include "src/plan/plan_data.h"
#include "src/program/program.h"

namespace sectile::internal {

// REQUIRES: `info` and `data` are of one exact method of the program.
// Errors: those of make_plan.
Result<PlanData> plan_exact(const Program& program, const MethodInfo& info, const MethodData& data,
                            const ImageInfo& image, const PlanTask& options);

}  // namespace sectile::internal
