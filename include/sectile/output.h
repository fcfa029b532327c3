// What the pixels of an output are made of.
//
// Thread safety: plain data.
#pragma once

#include <vector>

namespace [[gnu::visibility("default")]] sectile {

enum class OutputKind {
  values,  // what the network gives
  // One band: at each pixel the number, from 0 on, of the network's band that is the largest there.
  // Of equal ones it is the first; not-a-number counts as the largest, as in numpy's argmax.
  argmax,
  softmax,  // of each band, exp(value) as a share of the sum over all bands
  sigmoid   // 1 / (1 + exp(-value))
};
const char* to_string(OutputKind kind);  // "values", "argmax", "softmax", "sigmoid"

// Pixel = value, share or sigmoid * scale + offset. By default scale is the largest value of the
// output's pixels (maximum_of), offset 0. Both hold one number for all bands, or one a band. Not of
// argmax, nor with a threshold.
struct OutputScaling {
  std::vector<double> scale = {};
  std::vector<double> offset = {};
};

}  // namespace sectile
