// Sizes for tests that take any.
#pragma once

#include "src/footprint/axis_geometry.h"

namespace sectile::internal::test {

// The image's size, or where Sectile does not run it the next one by whole grid steps.
inline Size size_that_runs(const Graph& graph, const Footprint& footprint, Size image) {
  const auto run_on = extended_size(graph, footprint, image);
  if (run_on || run_on.error().code != ErrorCode::unsupported) return image;
  return next_by_whole_steps(graph, footprint, image);
}

}  // namespace sectile::internal::test
