// A graph streamed down an image, lane by lane, by ExecuTorch.
#pragma once

#include <cstdint>

#include "tests/support/graph_run.h"

namespace sectile::internal::test {

struct StreamSize {
  std::int64_t step_rows = 1;
  std::int64_t lanes = 1;  // as equal as they can be
};

// The output for `image`, in the layout of its method's output.
// Errors: those of resize, make_stream, StreamLane.
Result<Tensor> run_streamed(const GraphProgram& program, const Tensor& image, StreamSize size);

// Values whose bits differ between the two; all of them when their specs differ.
std::int64_t count_differing_values(const Tensor& a, const Tensor& b);

}  // namespace sectile::internal::test
