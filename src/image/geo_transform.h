// Where the pixels of an image lie on Earth when they get larger or smaller.
#pragma once

#include <array>
#include <optional>

namespace sectile::internal {

// The transform of an image each of whose pixels is `rows` x `columns` of these, from the same
// corner on.
inline std::optional<std::array<double, 6>> with_pixels_of(
    std::optional<std::array<double, 6>> transform, double rows, double columns) {
  if (!transform) return transform;
  (*transform)[1] *= columns;
  (*transform)[4] *= columns;
  (*transform)[2] *= rows;
  (*transform)[5] *= rows;
  return transform;
}

}  // namespace sectile::internal
