// Approximate plans: a method as it was exported, over overlapping tiles whose outputs are blended.
#pragma once

#include "sectile/model.h"
#include "src/model/exported_tile.h"
#include "src/plan/limits.h"
#include "src/plan/plan_data.h"

namespace sectile::internal {

// Errors: invalid_argument: the method can be cut exactly, so there is nothing to approximate.
Status check_not_exact(const MethodInfo& info);

// What a worker over such a tile holds. Errors: corrupt, unsupported (another delegate).
Result<PlannedMemory> exported_session_memory(const Model& model, const MethodInfo& info,
                                              const ExportedTile& tile);

// Plans any method that runs at its exported size, also one that can be cut exactly.
// Errors: those of make_plan; unsupported (why the method does not run so).
Result<PlanData> plan_approximate(const Model& model, const MethodInfo& info,
                                  const ImageInfo& image, const PlanTask& options);

}  // namespace sectile::internal
