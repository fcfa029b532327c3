// Approximate runs: a method as it was exported, over overlapping tiles whose outputs are blended.
#pragma once

#include "sectile/plan.h"
#include "sectile/run.h"

namespace sectile {

// Errors: invalid_argument: the method can be cut exactly, so there is nothing to approximate.
Status check_not_exact(const MethodInfo& info);

// Plans any method that runs as it is, those too that can be cut exactly.
// Errors: those of make_plan; unsupported (why the method does not run so).
Result<Plan> plan_approximate(const Model& model, const MethodInfo& info, const ImageInfo& image,
                              const PlanOptions& options);

// Errors: those of run.
Result<RunReport> run_approximate(const Model& model, const MethodInfo& info, const Plan& plan,
                                  ImageSource& source, ImageSink& sink, const RunOptions& options);

}  // namespace sectile
