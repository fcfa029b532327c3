// The workers of a plan, whatever its mode.
#pragma once

#include "sectile/model.h"
#include "sectile/result.h"
#include "src/plan/plan_data.h"
#include "src/run/worker.h"

namespace sectile::internal {

// Whether what one run has loaded stays for the next.
enum class Reuse { once, many_times };

// They keep what they need of the model. To be used many times, they hold on to as many sessions as
// fit into the plan's memory limit.
// Errors: those of find_exact_method, TileProgram, make_stream and ExportedTile.
Result<MakeWorker> workers_of(const Model& model, const PlanData& plan, Reuse reuse);

}  // namespace sectile::internal
