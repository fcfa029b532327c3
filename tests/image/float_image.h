// What is known of an image of f32 values.
#pragma once

#include "sectile/image.h"

namespace sectile::internal {

inline ImageInfo float_image(Size size, int bands) {
  ImageInfo info;
  info.size = size;
  info.bands = bands;
  info.pixel_type = PixelType::f32;
  return info;
}

}  // namespace sectile::internal
