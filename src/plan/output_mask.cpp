#include "src/plan/output_mask.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace sectile::internal {

namespace {

// The row (or column) of the image in whose middle, or just below it, the middle of each of the
// window's lies.
std::vector<std::int64_t> rows_shown(std::int64_t image, std::int64_t output, Range window,
                                     Ratio scale) {
  const std::int64_t lost = image - output * scale.den / scale.num;
  const std::int64_t begin = lost >= 2 * scale.den ? lost / 2 : 0;
  std::vector<std::int64_t> rows;
  for (std::int64_t y = window.begin; y < window.end; ++y) {
    const std::int64_t own = (2 * y + 1) * scale.den / (2 * scale.num);
    rows.push_back(std::clamp<std::int64_t>(begin + own, 0, image - 1));
  }
  return rows;
}

}  // namespace

std::shared_ptr<const Mask> output_mask(const std::shared_ptr<const Mask>& image, Size output,
                                        Rect window, Scale scale) {
  const Size size = image->size();
  if (output == size && window == Rect::of(size)) return image;
  return std::make_shared<const Mask>(
      image->picked(rows_shown(size.height, output.height, window.y, scale.y),
                    rows_shown(size.width, output.width, window.x, scale.x)));
}

}  // namespace sectile::internal
