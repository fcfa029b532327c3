// Statistic: a few numbers for each channel, computed from all pixels of an image.
//
// A value that does not lie along the image, and depends on it all the same, comes from statistics.
#pragma once

#include <cstdint>

namespace sectile::internal {

enum class Statistic {
  none,
  mean,             // as XNNPACK's global average adds it up
  pool,             // the mean as XNNPACK's average pool over one window of that size adds it up
  mean_of_squares,  // likewise, where XNNPACK computes the squares as it adds them up
  kernel_mean,      // as ExecuTorch's own kernels do
  kernel_sum,
  largest,
  least,
  moments  // the sum and the sum of squares of each channel, and the number of pixels (Moments)
};

// XNN_FLAG_KEEP_DIMS of a node: without it the dims that it averages over are left out.
inline constexpr std::uint32_t kKeepDims = 0x40;

// Whether pixels are added up in another order than rows come in.
constexpr bool needs_all_rows(Statistic statistic) { return statistic == Statistic::pool; }

}  // namespace sectile::internal
