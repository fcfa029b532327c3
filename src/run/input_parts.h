// InputParts: what the bands of an image are to a network of several inputs.
//
// An input that is larger than the image is there as bands of its own: one for each channel and for
// each pixel of the block that lies over one pixel of the image (see MethodInfo).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/model.h"

namespace sectile::internal {

struct InputPart {
  std::int64_t channels = 1;
  Size scale = {1, 1};  // the block
};
using InputParts = std::vector<InputPart>;  // empty: every band is a channel

InputParts input_parts(const MethodInfo& method);

// Where one band's pixels lie in its input.
struct BandPlace {
  std::size_t channel = 0;  // of all inputs
  // The bands that hold the block's last row in the same column, and its last column in the same
  // row: what lies below and beside the input continues those.
  std::int64_t last_row_band = 0;
  std::int64_t last_column_band = 0;
};

// Of each band. REQUIRES: the parts make as many bands, or are empty.
std::vector<BandPlace> band_places(const InputParts& parts, std::int64_t bands);

}  // namespace sectile::internal
