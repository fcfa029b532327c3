// Instance and group norm with moments that are known.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <span>

#include "src/base/moments.h"

namespace sectile::internal {

// What ExecuTorch's kernel makes of these pixels of an image that has those moments, bit by bit.
// Of `input` and `output`, a pixel's channels lie side by side. REQUIRES: a weight, a bias and
// moments for each channel.
void normalize(const Normalization& norm, std::span<const float> moments,
               std::span<const float> weights, std::span<const float> biases,
               std::span<const float> input, std::span<float> output);

}  // namespace sectile::internal
