// Tiles along one axis: how long, where they start, which rows of the output each one gives.
//
// Tiles of one length T lie flush in the image: T is the image's length L less a whole number of
// grid steps, the first tile starts at 0, the last one ends at L, all start on the grid. So a
// tile's edge is the image's edge wherever it lies at the border, and every inner edge loses the
// same rows (AxisGeometry::lead and ::keep).
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include "sectile/plan.h"
#include "src/footprint/axis_geometry.h"

namespace sectile::internal {

// The smallest tile length with which `count` tiles cover the axis; the smallest useful one where
// fewer tiles do.
// REQUIRES: count >= 1.
std::int64_t tile_length(const AxisGeometry& axis, std::int64_t count);

// The smallest tile that still gives one grid step of output between two inner edges. The axis' own
// length when it is shorter.
std::int64_t smallest_tile(const AxisGeometry& axis);

// How many tiles of `length` cover the axis.
// REQUIRES: length is one that tile_length returns.
std::int64_t tile_count(const AxisGeometry& axis, std::int64_t length);

// The most output rows that one of them gives. REQUIRES: likewise.
std::int64_t longest_output(const AxisGeometry& axis, std::int64_t length);

// The longest fitted tile that is no longer than `most`. 0 when even the smallest useful tile is
// longer.
std::int64_t fit_tile(const AxisGeometry& axis, std::int64_t most);

// The tiles, in order. Their outputs cover [0, output_length) once.
// REQUIRES: length is one that tile_length returns.
std::vector<AxisTile> place_tiles(const AxisGeometry& axis, std::int64_t length);

// The input of the shortest tile, of those no shorter than the smallest, that gets the output rows
// `output` right; it lies on the grid. REQUIRES: output is not empty, lies in [0, output_length).
Range tile_around(const AxisGeometry& axis, Range output);

}  // namespace sectile::internal
