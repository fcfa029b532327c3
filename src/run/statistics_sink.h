// StatisticsSink: takes an image's rows and keeps sums of them alone.
#pragma once

#include <vector>

#include "sectile/image.h"
#include "src/graph/passes/stages.h"
#include "src/run/statistics.h"

namespace sectile::internal {

class StatisticsSink final : public ImageSink {
 public:
  StatisticsSink(ImageInfo info, const std::vector<Sum>& sums, SquareRounding rounding);

  const ImageInfo& info() const override { return info_; }
  Status write(Range rows, std::span<const float> pixels) override;
  Status finish() override { return {}; }

  // REQUIRES: all rows were written.
  void put_into(Statistics& known) const;

 private:
  ImageInfo info_;
  std::vector<Sum> sums_;
  std::vector<Summation> summations_;  // one for each
};

}  // namespace sectile::internal
