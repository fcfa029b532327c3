// Statistics of an image, added up from rows as they come, with the bits of ExecuTorch's kernels
// over the whole image.
//
// Thread safety: a Summation serves one thread at a time; plain data and pure functions otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "src/graph/graph.h"
#include "src/graph/statistic.h"
#include "src/run/pairwise_sum.h"

namespace sectile::internal {

// Of a network's whole graph: what is known of them.
using Statistics = std::map<ValueId, std::vector<float>>;

// How XNNPACK adds a square: a rounding for the product and one for the sum, or one for both. Which
// of them depends on the processor; probe_statistics finds it out.
enum class SquareRounding { twice, once };

// How a run adds up.
struct Arithmetic {
  SquareRounding rounding = SquareRounding::twice;
  bool is_accurate = false;  // StatisticsMode::accurate
};

// One number for each channel; of moments, those of src/base/moments.h.
class Summation {
 public:
  // `width`: pixels of a row.
  Summation(Statistic kind, std::int64_t channels, std::int64_t width, Arithmetic arithmetic);

  // The next rows, channel after channel: as many of each. REQUIRES: whole rows; all there are,
  // where the statistic needs_all_rows.
  void add(std::span<const float> rows);

  // Of all that was added. REQUIRES: something was.
  std::vector<float> values() const;

 private:
  // All but the `first` pixels of each channel.
  void add_pixels(std::span<const float> values, std::size_t first);
  void add_accurately(std::span<const float> values);
  std::vector<float> accurate_values() const;

  Statistic kind_;
  Arithmetic arithmetic_;
  std::size_t channels_;
  std::size_t width_;
  std::vector<PairwiseSum> accurate_;  // of each channel, then of their squares
  std::vector<float> sums_;            // of each channel; of moments, twice as many
  std::int64_t pixels_ = 0;
};

}  // namespace sectile::internal
