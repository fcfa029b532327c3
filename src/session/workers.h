// The workers of a plan, whatever its mode.
#pragma once

#include "sectile/model.h"
#include "sectile/plan.h"
#include "sectile/result.h"
#include "src/run/worker.h"

namespace sectile::internal {

// They keep what they need of the model.
// Errors: those of find_exact_method, TileProgram and make_stream.
Result<MakeWorker> workers_of(const Model& model, const Plan& plan);

}  // namespace sectile::internal
