// MaskedSink: takes the window of an output that shows data, and passes on all that is written:
// pixels that show none are 0.
//
// A sink of a file puts its nodata value, or transparency, in their place (ImageInfo::mask).
// Thread safety: as every ImageSink.
#pragma once

#include <cstdint>
#include <vector>

#include "sectile/image.h"
#include "src/plan/plan_data.h"

namespace sectile::internal {

class MaskedSink final : public ImageSink {
 public:
  // REQUIRES: the plan's output has a mask; `image` takes what is written, and outlives this sink.
  MaskedSink(const PlanData& plan, ImageSink& image);

  // What the plan makes.
  const ImageInfo& info() const override { return info_; }
  Status write(Range rows, std::span<const float> pixels) override;
  Status complete() override;
  Status finish() override;

 private:
  // Rows of what is written, from the next one on, that show no data.
  Status write_empty_rows(std::int64_t end);
  Status pass_on(Range rows, Range made, std::span<const float> pixels);

  ImageSink& image_;
  ImageInfo info_;
  Rect made_;  // of what is written
  std::int64_t rows_at_a_time_;
  std::int64_t next_row_ = 0;  // of what is written
  std::vector<float> rows_;    // on their way, all bands
  std::vector<std::uint8_t> mask_;
};

}  // namespace sectile::internal
