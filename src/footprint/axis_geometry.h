// AxisGeometry: what tiles of an image of one length get right, along one axis.
//
// Thread safety: plain data and pure functions.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/result.h"
#include "src/footprint/footprint.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// What tiles of an image of one length get right. Input positions are in steps of `grid`, output
// positions in steps of `output_grid`. A tile that starts at step a > 0 is right from output step a
// + lead on. A tile that ends m steps before the image's end (m > 0) is right up to output step
// keep - m. Where a tile touches the image's edge it is right up to that edge.
struct AxisGeometry {
  std::int64_t length = 0;  // input rows
  std::int64_t grid = 1;
  std::int64_t output_length = 0;
  std::int64_t output_grid = 1;
  std::int64_t lead = 0;
  std::int64_t keep = 0;
  // A tile that starts or ends further than so many steps from the image's edge does not hold all
  // rows that padding at the other edge is copied from.
  std::int64_t most_shift = std::numeric_limits<std::int64_t>::max();
};

// REQUIRES: the graph accepts `length` along the axis. `shapes` are the shapes of its values there.
AxisGeometry axis_geometry(const Graph& graph, const AxisFootprint& footprint, Axis axis,
                           const std::vector<Shape>& shapes);

// Errors: those of infer_shapes; unsupported where a length is in doubt
// (OperatorRule::length_doubt).
Status check_size(const Graph& graph, const Footprint& footprint, Size image);

// The next larger size that differs from the exported one by whole grid steps.
Size next_by_whole_steps(const Graph& graph, const Footprint& footprint, Size image);

// The size the network is run on for an image of size `image`: per axis the image's own length
// where the network accepts it, else the next multiple of the grid. Errors: invalid_argument when
// it accepts neither; unsupported for a size that it accepts and Sectile does not run.
Result<Size> extended_size(const Graph& graph, const Footprint& footprint, Size image);

}  // namespace sectile::internal
