// StatisticsSink: takes an image's rows and keeps sums of them alone; where pixels are not added up
// in the order of the rows, the rows themselves.
#pragma once

#include <memory>
#include <vector>

#include "sectile/image.h"
#include "src/graph/passes/stages.h"
#include "src/run/statistics.h"

namespace sectile::internal {

class StatisticsSink final : public ImageSink {
 public:
  StatisticsSink(ImageInfo info, const std::vector<Sum>& sums, Arithmetic arithmetic);

  const ImageInfo& info() const override { return info_; }
  Status write(Range rows, std::span<const float> pixels) override;
  Status finish() override;

  // REQUIRES: finished.
  void put_into(Statistics& known) const;

 private:
  struct Part {
    Sum sum;
    Summation summation;
    std::unique_ptr<MemorySink> whole;  // its channels' rows; null where they are added up at once
  };

  ImageInfo info_;
  std::vector<Part> parts_;
};

}  // namespace sectile::internal
