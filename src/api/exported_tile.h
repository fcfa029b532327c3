// ExportedTile: a method as a tile of the size it was exported for.
#pragma once

#include "sectile/model.h"
#include "sectile/result.h"
#include "src/run/worker.h"
#include "src/runtime/session.h"

namespace sectile {

struct ExportedTile {
  TensorSpec input;
  TensorSpec output;
  Scale scale;  // whole pixels an input pixel, or whole input pixels a pixel

  // Errors: unsupported (more than one input or output, others than f32 images, sizes that are no
  // whole multiples of each other); the message says so.
  static Result<ExportedTile> of(const Model& model, const MethodInfo& info);
};

// What a worker over such a tile holds. Errors: corrupt, unsupported (another delegate).
Result<PlannedMemory> exported_session_memory(const Model& model, const MethodInfo& info,
                                              const ExportedTile& tile);

// They run the model's file as it is. Errors: those of load_program.
Result<MakeWorker> exported_workers(const Model& model, const MethodInfo& info,
                                    const ExportedTile& tile);

}  // namespace sectile
