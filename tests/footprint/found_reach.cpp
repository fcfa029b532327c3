#include "tests/footprint/found_reach.h"

#include <algorithm>
#include <optional>

#include "src/base/integers.h"

namespace sectile::internal::test {

namespace {

constexpr float kLeastInput = 0.25F;
constexpr float kMostInput = 1.25F;
// Beyond what the footprint says, so that a footprint that says too little is found out.
constexpr std::int64_t kSpareGridSteps = 3;
constexpr std::int64_t kSparePx = 12;

std::int64_t margin_of(const AxisFootprint& axis) {
  const std::int64_t reach = std::max(axis.reach_before, axis.reach_after);
  return round_up(reach + kSparePx, axis.grid) + kSpareGridSteps * axis.grid;
}

Size image_size(const Footprint& footprint) {
  return {2 * margin_of(footprint.y) + footprint.y.grid,
          2 * margin_of(footprint.x) + footprint.x.grid};
}

struct Pixel {
  std::int64_t y = 0;
  std::int64_t x = 0;
};

Tensor with_change(Tensor image, Pixel pixel, float change) {
  for (std::int64_t channel = 0; channel < image.spec.channels; ++channel) {
    image.at(channel, pixel.y, pixel.x) += change;
  }
  return image;
}

// The smallest rectangle that holds all pixels that differ; nothing when none does.
std::optional<Rect> changed_pixels(const Tensor& before, const Tensor& after) {
  std::optional<Rect> changed;
  for (std::int64_t y = 0; y < before.spec.size.height; ++y) {
    for (std::int64_t x = 0; x < before.spec.size.width; ++x) {
      if (!pixel_differs(before, y, x, after, y, x)) continue;
      const Rect pixel{{y, y + 1}, {x, x + 1}};
      changed = changed ? Rect{changed->y.unite(pixel.y), changed->x.unite(pixel.x)} : pixel;
    }
  }
  return changed;
}

struct AxisReach {
  std::int64_t before = 0;
  std::int64_t after = 0;
};

// Input row `changed_row` alters the output rows `changed`: the farthest output range that starts
// (or ends) on the grid on the other side of it, and still meets them, says how far it reaches.
AxisReach reach_of(const AxisFootprint& axis, std::int64_t changed_row, Range changed) {
  const std::int64_t output_grid = axis.grid * axis.scale.num / axis.scale.den;
  const std::int64_t last_start = floor_div(changed.end - 1, output_grid) * axis.grid;
  const std::int64_t first_end = (floor_div(changed.begin, output_grid) + 1) * axis.grid;
  return {std::max<std::int64_t>(0, last_start - changed_row),
          std::max<std::int64_t>(0, changed_row - first_end + 1)};
}

void widen(Reach& reach, const AxisReach& y, const AxisReach& x) {
  reach.top = std::max(reach.top, y.before);
  reach.bottom = std::max(reach.bottom, y.after);
  reach.left = std::max(reach.left, x.before);
  reach.right = std::max(reach.right, x.after);
}

}  // namespace

Result<Reach> find_reach(const GraphProgram& program, const Footprint& footprint, float change) {
  auto run = GraphRun::load(program, image_size(footprint));
  if (!run) return fail(run.error());
  const Tensor image = Tensor::random(run->input(), 1, kLeastInput, kMostInput);
  const auto before = run->run(image);
  if (!before) return fail(before.error());
  Reach reach;
  // All pairs of phases: a dilated window of stride 2 sees the odd rows alone, at any column.
  for (std::int64_t phase = 0; phase < footprint.y.grid * footprint.x.grid; ++phase) {
    const Pixel pixel{margin_of(footprint.y) + phase / footprint.x.grid,
                      margin_of(footprint.x) + phase % footprint.x.grid};
    const auto after = run->run(with_change(image, pixel, change));
    if (!after) return fail(after.error());
    if (!after->finite()) return fail(ErrorCode::internal, "[test] the change is too large");
    if (const auto changed = changed_pixels(*before, *after)) {
      widen(reach, reach_of(footprint.y, pixel.y, changed->y),
            reach_of(footprint.x, pixel.x, changed->x));
    }
  }
  return reach;
}

}  // namespace sectile::internal::test
