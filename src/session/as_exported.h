// Workers over a program as it was exported.
#pragma once

#include "sectile/model.h"
#include "src/model/exported_tile.h"
#include "src/run/reference.h"
#include "src/run/worker.h"

namespace sectile::internal {

// They run the model's own program, at the size it was exported for. Errors: those of load_program.
Result<MakeWorker> exported_workers(const Model& model, const MethodInfo& info,
                                    const ExportedTile& tile);

// A run of the method as the file has it, on ExecuTorch's own thread pool, over an image of the
// exported size.
// Errors: unsupported (see ExportedTensors), invalid_argument (an image of another size or with
// other bands), those of the source and of loading.
Result<WholeRun> prepare_exported_run(const Model& model, const MethodInfo& info,
                                      ImageSource& source, const InputScaling& scaling);

}  // namespace sectile::internal
