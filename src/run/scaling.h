// From a file's pixel values to a network's input values.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sectile/image.h"
#include "sectile/options.h"
#include "sectile/result.h"
#include "src/run/input_parts.h"

namespace sectile::internal {

// value = (pixel * scale - mean) / std, computed in double and rounded once, so that it depends on
// the pixel alone.
struct BandScaling {
  double scale = 1;
  double mean = 0;
  double std = 1;
  bool identity() const { return scale == 1 && mean == 0 && std == 1; }
};

// One scaling for each band of an image of that type; bands of one channel have the same.
// REQUIRES: as band_places(). Errors: invalid_argument (as many numbers as neither 1 nor the
// channels; a std of 0; numbers that are not finite).
Result<std::vector<BandScaling>> band_scalings(const InputScaling& input, const ImageInfo& image,
                                               const InputParts& parts = {});

// REQUIRES: equal sizes; the spans are the same or do not overlap.
void apply_scaling(const BandScaling& scaling, std::span<const float> pixels,
                   std::span<float> values);

}  // namespace sectile::internal
