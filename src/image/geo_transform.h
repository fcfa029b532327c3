// Where the pixels of an image lie on Earth when they get larger or smaller, or a part is cut out.
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

// The transform of the part of an image that begins at that row and column.
inline std::optional<std::array<double, 6>> with_corner_at(
    std::optional<std::array<double, 6>> transform, double row, double column) {
  if (!transform) return transform;
  (*transform)[0] += column * (*transform)[1] + row * (*transform)[2];
  (*transform)[3] += column * (*transform)[4] + row * (*transform)[5];
  return transform;
}

}  // namespace sectile::internal
