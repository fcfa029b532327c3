// Workers over a program as it was exported.
#pragma once

#include "sectile/model.h"
#include "src/model/exported_tile.h"
#include "src/run/worker.h"

namespace sectile::internal {

// They run the model's own program, at the size it was exported for. Errors: those of load_program.
Result<MakeWorker> exported_workers(const Model& model, const MethodInfo& info,
                                    const ExportedTile& tile);

}  // namespace sectile::internal
