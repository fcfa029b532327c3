// Overlapping tiles along one axis, and the shares with which their outputs are blended.
//
// For networks that cannot be cut: all tiles have the one length that the program was exported for.
// Where tiles overlap, the output goes over from one to the next as a raised cosine does (Hann); at
// the image's edges nothing fades.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include "sectile/plan.h"

namespace sectile::internal {

struct TileAxis {
  std::int64_t length = 0;   // input rows of the image
  std::int64_t tile = 0;     // input rows of a tile
  std::int64_t overlap = 0;  // input rows that neighbours share at least: at most half a tile
  Ratio scale;               // output rows per input row; scale.den divides `tile`
};

// Input rows that the tiles cover: the image's, or more where it is shorter than a tile or ends in
// the middle of an output row.
std::int64_t covered_length(const TileAxis& axis);

// Input rows from one tile to the next, the last one aside. Where it costs little it is a multiple
// of a power of two that divides the tile, so that the layers of a network with poolings see all
// tiles in one phase.
std::int64_t tile_stride(const TileAxis& axis);

std::int64_t overlapping_count(const TileAxis& axis);

// The tiles, in order: the first starts at 0, the last one ends at covered_length. Each output is
// that of the whole tile.
std::vector<AxisTile> place_overlapping(const TileAxis& axis);

// For each tile the share that each of its output rows has in the image's. The shares of all tiles
// in a row add up to 1; each is above 0, and 1 where no other tile has the row.
using Shares = std::vector<std::vector<double>>;
Shares blend_shares(const std::vector<AxisTile>& tiles);

}  // namespace sectile::internal
