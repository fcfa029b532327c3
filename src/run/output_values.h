// OutputValues: from what a network gives to the pixels of its output: classes, shares, yes and no,
// scaled values.
//
// Each pixel follows from the network's values at that pixel alone, so tiles, strips and threads
// do not change it.
// Thread safety: const members from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "sectile/image.h"
#include "sectile/output.h"
#include "sectile/result.h"
#include "src/plan/plan_data.h"
#include "src/run/scaling.h"

namespace sectile::internal {

class OutputValues {
 public:
  // Of that plan, for such an output. Errors: those of output_factors; invalid_argument (a scale of
  // classes or of yes and no; more classes than the output's pixels hold).
  static Result<OutputValues> create(const PlanData& plan, const OutputScaling& scaling,
                                     const ImageInfo& output);

  // `values` are planes, one for each band of the network. Changes them, and returns their
  // beginning, which holds a plane for each band of the output.
  std::span<const float> to_pixels(std::span<float> values) const;

 private:
  OutputValues() = default;

  OutputKind kind_ = OutputKind::values;
  std::optional<float> threshold_;
  std::size_t network_bands_ = 1;
  std::size_t output_bands_ = 1;
  std::vector<OutputFactors> factors_;  // of each band of the output; none of labels
};

}  // namespace sectile::internal
