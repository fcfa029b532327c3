// Reference: one run of the network over the whole image by ExecuTorch, to compare with and to
// measure against.
#pragma once

#include <functional>
#include <memory>

#include "sectile/image.h"
#include "sectile/mask.h"
#include "sectile/options.h"
#include "src/run/input_parts.h"
#include "src/runtime/session.h"
#include "src/runtime/tile_buffer.h"

namespace sectile::internal {

// A session over the whole image with its buffers, ready to run any number of times.
struct WholeRun {
  std::unique_ptr<Session> session;
  TileBuffer input;
  TileBuffer output;

  // Errors: those of whole_input and of `load_session`, over_budget.
  static Result<WholeRun> prepare(
      const TensorSpec& input, const TensorSpec& output, ImageSource& source,
      const InputScaling& scaling, const InputParts& parts,
      const std::function<Result<std::unique_ptr<Session>>()>& load_session);
  Status run() { return session->run(input.values(), output.values()); }
};

// The whole image as the network's input: scaled, its inputs' edges repeated to `size`, in the
// network's layout.
// Errors: those of the source and of the scaling, over_budget.
Result<TileBuffer> whole_input(ImageSource& source, const InputScaling& scaling,
                               const InputParts& parts, Size size, Layout layout);

struct Difference {
  std::int64_t values = 0;
  std::int64_t differing = 0;
  double max_abs_diff = 0;
};

// Compares, bit by bit, a window of the network's whole output with the planar pixels that were
// made for it; where there is a mask of the window, those of pixels that show data.
Difference compare(std::span<const float> whole, const TensorSpec& spec,
                   std::span<const float> pixels, Rect window, const Mask* mask = nullptr);

}  // namespace sectile::internal
