#include "src/plan/overlap.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "src/base/integers.h"

namespace sectile::internal {

namespace {

// Row `row` of `count` rows over which a tile comes in: above 0, below 1.
double risen(std::int64_t row, std::int64_t count) {
  const double part = (static_cast<double>(row) + 0.5) / static_cast<double>(count);
  const double sine = std::sin(std::numbers::pi / 2 * part);
  return sine * sine;
}

// The weight of tile `index` at an output row of its own: 1, but where its neighbours overlap.
double weight(const std::vector<AxisTile>& tiles, std::size_t index, std::int64_t row) {
  const Range own = tiles[index].output;
  double value = 1;
  if (index > 0) {
    const Range shared = own.intersect(tiles[index - 1].output);
    if (row < shared.end) value *= risen(row - shared.begin, shared.size());
  }
  if (index + 1 < tiles.size()) {
    const Range shared = own.intersect(tiles[index + 1].output);
    if (!shared.empty() && row >= shared.begin) {
      value *= risen(shared.end - 1 - row, shared.size());
    }
  }
  return value;
}

bool has_row(const AxisTile& tile, std::int64_t row) {
  return tile.output.begin <= row && row < tile.output.end;
}

// Of all tiles that have the row; they stand side by side in the list.
double sum_of_weights(const std::vector<AxisTile>& tiles, std::size_t index, std::int64_t row) {
  std::size_t first = index;
  while (first > 0 && has_row(tiles[first - 1], row)) --first;
  double sum = 0;
  for (std::size_t i = first; i < tiles.size() && has_row(tiles[i], row); ++i) {
    sum += weight(tiles, i, row);
  }
  return sum;
}

}  // namespace

std::int64_t covered_length(const TileAxis& axis) {
  return std::max(axis.tile, round_up(axis.length, axis.scale.den));
}

std::int64_t tile_stride(const TileAxis& axis) {
  constexpr std::int64_t kMostPhase = 32;
  constexpr std::int64_t kShareOfStride = 4;  // rounding takes less than a quarter
  const std::int64_t most = axis.tile - axis.overlap;
  std::int64_t phase = axis.scale.den;
  while (axis.tile % (2 * phase) == 0 && 2 * phase <= kMostPhase * axis.scale.den &&
         2 * phase * kShareOfStride <= most) {
    phase *= 2;
  }
  return most / phase * phase;
}

std::int64_t overlapping_count(const TileAxis& axis) {
  return 1 + ceil_div(covered_length(axis) - axis.tile, tile_stride(axis));
}

std::vector<AxisTile> place_overlapping(const TileAxis& axis) {
  const std::int64_t last = covered_length(axis) - axis.tile;
  const std::int64_t stride = tile_stride(axis);
  std::vector<AxisTile> tiles;
  for (std::int64_t i = 0; i < overlapping_count(axis); ++i) {
    const std::int64_t begin = std::min(i * stride, last);
    const std::int64_t out = begin / axis.scale.den * axis.scale.num;
    const std::int64_t out_length = axis.tile / axis.scale.den * axis.scale.num;
    tiles.push_back({{begin, begin + axis.tile}, {out, out + out_length}});
  }
  return tiles;
}

Shares blend_shares(const std::vector<AxisTile>& tiles) {
  Shares shares(tiles.size());
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    for (std::int64_t row = tiles[i].output.begin; row < tiles[i].output.end; ++row) {
      shares[i].push_back(weight(tiles, i, row) / sum_of_weights(tiles, i, row));
    }
  }
  return shares;
}

}  // namespace sectile::internal
