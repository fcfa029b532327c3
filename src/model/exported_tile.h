// ExportedTile: a method as a tile of the size it was exported for.
#pragma once

#include "sectile/model.h"
#include "sectile/result.h"
#include "src/base/tensor_spec.h"
#include "src/program/program.h"

namespace sectile::internal {

// The tensors of a method that takes one image and gives one.
struct ExportedTensors {
  TensorSpec input;
  TensorSpec output;

  // Errors: unsupported (more than one input or output, others than f32 and f16 images); the
  // message is the bare reason.
  static Result<ExportedTensors> of(const Model& model, const MethodInfo& info);
};

struct ExportedTile {
  TensorSpec input;
  TensorSpec output;
  Scale scale;  // whole pixels an input pixel, or whole input pixels a pixel

  // Errors: unsupported (more than one input or output, others than f32 images, sizes that are no
  // whole multiples of each other); the message says so.
  static Result<ExportedTile> of(const Model& model, const MethodInfo& info);
};

// The method as the file has it, by its name there. REQUIRES: `info` is one of the model's.
const ProgramMethod& method_of(const Model& model, const MethodInfo& info);

}  // namespace sectile::internal
