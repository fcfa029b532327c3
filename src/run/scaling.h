// From a file's pixel values to a network's input values, and from its output to pixels.
#pragma once

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
  float fill = 0;  // the value of pixels that are no data
  bool identity() const { return scale == 1 && mean == 0 && std == 1; }
};

// One scaling for each band of an image of that type; bands of one channel have the same.
// REQUIRES: as band_places(). Errors: invalid_argument (as many numbers as neither 1 nor the
// channels; a std of 0; numbers that are not finite).
Result<std::vector<BandScaling>> band_scalings(const InputScaling& input, const ImageInfo& image,
                                               const InputParts& parts = {});

// pixel = value * scale + offset
struct OutputFactors {
  double scale = 1;
  double offset = 0;
};

// One for each band of the output. Errors: invalid_argument (as many numbers as neither 1 nor the
// bands; numbers that are not finite).
Result<std::vector<OutputFactors>> output_factors(const OutputScaling& scaling,
                                                  const ImageInfo& output);

// REQUIRES: equal sizes; the spans are the same or do not overlap.
void apply_scaling(const BandScaling& scaling, std::span<const float> pixels,
                   std::span<float> values);

// In double, rounded once.
void apply_factors(const OutputFactors& factors, std::span<float> values);

}  // namespace sectile::internal
