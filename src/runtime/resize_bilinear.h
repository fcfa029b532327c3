// Bilinear resizing of a part of an image, with the bits that XNNPACK's resize of the whole image
// has there.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>

#include "sectile/geometry.h"
#include "src/base/own_kernels.h"

namespace sectile::internal {

// Images of [rows, columns, channels]. Rows of the input that the part does not have are taken for
// its first or last one: no row of the output that is wanted may need them. REQUIRES: the place's
// rows of output lie within the whole output.
void resize_bilinear(const ResizedPart& part, Position at, std::int64_t channels, Size input_size,
                     const float* input, Size output_size, float* output);

}  // namespace sectile::internal
