// Footprint: how far the output reaches into the input, on which grid, and what a tile gets right.
//
// Per axis. Shifting the input by `grid` rows shifts every value of the graph by whole rows; all
// positions below are counted from a multiple of it, so one derivation at one place holds
// everywhere inside the image.
//
// Thread safety: plain data and pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include "sectile/footprint.h"
#include "sectile/geometry.h"
#include "src/graph/graph.h"

namespace sectile::internal {

struct AxisFootprint {
  std::int64_t reach_before = 0;  // input rows above an output range that starts on the grid
  std::int64_t reach_after = 0;   // input rows below an output range that ends on the grid
  std::int64_t grid = 1;          // input rows
  Ratio scale;                    // output rows per input row
  // One per value: its rows per input row; 0 where the output does not depend on it.
  std::vector<Ratio> value_scale;
};

struct Footprint {
  AxisFootprint y;
  AxisFootprint x;
  // Whether no length is in doubt (OperatorRule::length_doubt).
  bool fixed_sizes = false;
  const AxisFootprint& along(Axis axis) const { return axis == Axis::y ? y : x; }
};

// REQUIRES: no blockers.
Footprint derive_footprint(const Graph& graph);

// For every value, the rows that the output rows `output` are computed from, borders aside. Begin
// depends on begin alone, end on end alone. Values that the output does not depend on, or through
// statistics alone, have an empty range.
std::vector<Range> required_ranges(const Graph& graph, Axis axis, Range output);

// The rows of the image that the output rows `output` are computed from, in an image of the graph's
// own size: within its borders, and with those that mirrored edges are copied from. Empty when they
// are computed from none.
Range image_range(const Graph& graph, Axis axis, Range output);

}  // namespace sectile::internal
