// Sizes for tests that take any: where Sectile does not run one, the next by whole grid steps.
#pragma once

#include "src/footprint/axis_geometry.h"

namespace sectile::internal::test {

// The size that the network is run on for an image, as extended_size says it. Errors: its own.
inline Result<Size> size_run_on(const Graph& graph, const Footprint& footprint, Size image) {
  auto size = extended_size(graph, footprint, image);
  if (size || size.error().code != ErrorCode::unsupported) return size;
  return extended_size(graph, footprint, next_by_whole_steps(graph, footprint, image));
}

}  // namespace sectile::internal::test
