// Planes: a rectangle of an image in memory, band after band, and the copies between it and a
// network's buffers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sectile/geometry.h"
#include "src/base/tensor_spec.h"

namespace sectile::internal {

// A view of planar floats that hold `rect` of an image: `bands` planes of rect.y.size() rows, each
// of rect.x.size() values.
template <typename T>
struct PlanesOf {
  std::span<T> values;
  Rect rect;
  std::int64_t bands = 1;

  // The part of a row that `columns` names.
  std::span<T> row(std::int64_t band, std::int64_t y, Range columns) const {
    const std::int64_t line = band * rect.y.size() + (y - rect.y.begin);
    return values.subspan(
        static_cast<std::size_t>(line * rect.x.size() + columns.begin - rect.x.begin),
        static_cast<std::size_t>(columns.size()));
  }
};
using Planes = PlanesOf<float>;
using ConstPlanes = PlanesOf<const float>;

// Fills a network's input buffer with `tile` of the image. REQUIRES: tile lies in image.rect.
void gather(const ConstPlanes& image, Rect tile, Layout layout, std::span<float> buffer);

// Puts `value` into a row where its mask (a byte a pixel, see Mask) has no data.
void blank_masked(std::span<const std::uint8_t> mask, float value, std::span<float> row);

// Copies `kept` from a network's output buffer, which holds `tile` of the output image, to the
// image.
// REQUIRES: kept lies in tile and in image.rect.
void scatter(std::span<const float> buffer, Layout layout, Rect tile, Rect kept,
             const Planes& image);

}  // namespace sectile::internal
