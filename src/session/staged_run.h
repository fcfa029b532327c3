// StagedRun: a method that takes statistics of the whole image, stage after stage.
//
// Thread safety: one thread at a time.
#pragma once

#include "sectile/run.h"
#include "src/plan/plan_data.h"
#include "src/run/statistics.h"

namespace sectile::internal {

// Runs the stages of a plan. Each but the last adds up statistics of what it makes, and may keep
// images of it; what the next ones take of the statistics is computed between them.
// REQUIRES: the plan has stages. Errors: those of sectile::run.
Result<RunReport> run_stages(const PlanData& plan, Arithmetic arithmetic, ImageSource& source,
                             ImageSink& sink, const RunOptions& options);

}  // namespace sectile::internal
