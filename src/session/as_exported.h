// Runs of a program as it was exported, over overlapping tiles whose outputs are blended.
#pragma once

#include "sectile/model.h"
#include "sectile/plan.h"
#include "sectile/run.h"
#include "src/model/exported_tile.h"
#include "src/run/worker.h"

namespace sectile::internal {

// They run the model's file as it is. Errors: those of load_program.
Result<MakeWorker> exported_workers(const Model& model, const MethodInfo& info,
                                    const ExportedTile& tile);

// Errors: those of run.
Result<RunReport> run_approximate(const Model& model, const MethodInfo& info, const Plan& plan,
                                  ImageSource& source, ImageSink& sink, const RunOptions& options);

}  // namespace sectile::internal
