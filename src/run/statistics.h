// Statistics of an image, added up from rows as they come, with the bits of ExecuTorch's kernels
// over the whole image.
//
// Thread safety: a Summation serves one thread at a time; plain data and pure functions otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "src/graph/graph.h"
#include "src/graph/statistic.h"

namespace sectile::internal {

// Of a network's whole graph: what is known of them.
using Statistics = std::map<ValueId, std::vector<float>>;

// How XNNPACK adds a square: a rounding for the product and one for the sum, or one for both. Which
// of them depends on the processor; probe_statistics finds it out.
enum class SquareRounding { twice, once };

// One number for each channel.
class Summation {
 public:
  Summation(Statistic kind, std::int64_t channels, SquareRounding rounding);

  // The next pixels in row-major order, channel after channel: as many of each.
  // REQUIRES: pixels.size() is a multiple of the channels.
  void add(std::span<const float> pixels);

  // Of all that was added. REQUIRES: something was.
  std::vector<float> values() const;

 private:
  Statistic kind_;
  SquareRounding rounding_;
  std::vector<float> sums_;  // of each channel
  std::int64_t pixels_ = 0;
};

}  // namespace sectile::internal
