#include "src/plan/axis.h"

#include <algorithm>

#include "src/base/integers.h"

namespace sectile::internal {

namespace {

// In grid steps: a tile is `shift` steps shorter than the image, so it can start at steps 0 to
// `shift`; each further tile of a row adds at most `gain` steps.
std::int64_t shift_of(const AxisGeometry& axis, std::int64_t length) {
  return (axis.length - length) / axis.grid;
}
std::int64_t gain_of(const AxisGeometry& axis, std::int64_t shift) {
  return axis.keep - shift - axis.lead;
}
// The largest shift with which a tile still gives one step; 0 when only the whole axis does.
std::int64_t largest_shift(const AxisGeometry& axis) {
  return std::max<std::int64_t>(0, std::min(axis.keep - axis.lead - 1, axis.most_shift));
}

std::int64_t count_at(const AxisGeometry& axis, std::int64_t shift) {
  return shift == 0 ? 1 : 1 + ceil_div(shift, gain_of(axis, shift));
}

// n tiles reach over (n - 1) gains, and the gain shrinks as the shift grows: shift <= (n - 1) *
// (keep - lead - shift).
std::int64_t shift_for(const AxisGeometry& axis, std::int64_t count) {
  const std::int64_t shift = floor_div((count - 1) * (axis.keep - axis.lead), count);
  return std::clamp<std::int64_t>(shift, 0, largest_shift(axis));
}

// Spread evenly: as every gap between starts is at most the gain, no output row is left out.
std::int64_t start_step(std::int64_t index, std::int64_t count, std::int64_t shift) {
  return index * shift / std::max<std::int64_t>(1, count - 1);
}

}  // namespace

std::int64_t tile_length(const AxisGeometry& axis, std::int64_t count) {
  return axis.length - shift_for(axis, count) * axis.grid;
}

std::int64_t smallest_tile(const AxisGeometry& axis) {
  return axis.length - largest_shift(axis) * axis.grid;
}

std::int64_t tile_count(const AxisGeometry& axis, std::int64_t length) {
  return count_at(axis, shift_of(axis, length));
}

// Of the tiles between the first and the last one, the last but one gives most.
std::int64_t longest_output(const AxisGeometry& axis, std::int64_t length) {
  const std::int64_t shift = shift_of(axis, length);
  const std::int64_t count = count_at(axis, shift);
  if (count == 1) return axis.output_length;
  const std::int64_t first = (start_step(1, count, shift) + axis.lead) * axis.output_grid;
  const std::int64_t last = axis.output_length - (shift + axis.lead) * axis.output_grid;
  const std::int64_t inner =
      count > 2 ? (shift - start_step(count - 2, count, shift)) * axis.output_grid : 0;
  return std::max({first, inner, last});
}

std::int64_t fit_tile(const AxisGeometry& axis, std::int64_t most) {
  if (axis.length <= most) return axis.length;
  if (smallest_tile(axis) > most) return 0;
  const std::int64_t shift = ceil_div(axis.length - most, axis.grid);
  return tile_length(axis, count_at(axis, shift));
}

std::vector<AxisTile> place_tiles(const AxisGeometry& axis, std::int64_t length) {
  const std::int64_t shift = shift_of(axis, length);
  const std::int64_t count = count_at(axis, shift);
  std::vector<AxisTile> tiles;
  std::int64_t output_begin = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t begin = start_step(i, count, shift) * axis.grid;
    const bool last = i + 1 == count;
    const std::int64_t next_start = start_step(i + 1, count, shift);
    const std::int64_t output_end =
        last ? axis.output_length : (next_start + axis.lead) * axis.output_grid;
    tiles.push_back({{begin, begin + length}, {output_begin, output_end}});
    output_begin = output_end;
  }
  return tiles;
}

Range tile_around(const AxisGeometry& axis, Range output) {
  const std::int64_t first_step = floor_div(output.begin, axis.output_grid);
  const std::int64_t end_step = ceil_div(output.end, axis.output_grid);
  const std::int64_t most = largest_shift(axis);
  const std::int64_t before = std::clamp<std::int64_t>(first_step - axis.lead, 0, most);
  const std::int64_t after = std::clamp<std::int64_t>(axis.keep - end_step, 0, most - before);
  return {before * axis.grid, axis.length - after * axis.grid};
}

}  // namespace sectile::internal
