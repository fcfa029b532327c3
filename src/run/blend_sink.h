// BlendSink: takes the outputs of overlapping tiles, and passes on the image that they are blended
// to.
//
// They are blended as the network gives them, and what comes out is turned into pixels.
// A run of an approximate plan writes a *sheet*: the whole outputs of all tiles, side by side and
// without an overlap, one row of tiles after the other. The sink adds them up with their shares, in
// the sheet's order and in double, so that the same bits come out for any number of workers, and
// those of the tiles wherever these agree. It holds the rows of one row of tiles.
//
// Thread safety: as every ImageSink.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sectile/image.h"
#include "sectile/run.h"
#include "src/plan/overlap.h"
#include "src/plan/plan_data.h"
#include "src/run/output_values.h"

namespace sectile::internal {

// The plan whose output is the sheet. REQUIRES: an approximate plan.
PlanData sheet_plan(const PlanData& plan);

// Sums over the values of one band.
struct BandDisagreement {
  std::int64_t values = 0;      // that several tiles gave
  std::int64_t not_finite = 0;  // of those
  double squares = 0;           // of the differences
  double max = 0;
  float least = 0;  // of all that tiles gave
  float most = 0;
};

class BlendSink final : public ImageSink {
 public:
  // REQUIRES: `image` has the plan's output size and bands, and outlives this sink; `values` are of
  // both.
  // Errors: over_budget.
  static Result<std::unique_ptr<BlendSink>> create(const PlanData& plan, ImageSink& image,
                                                   OutputValues values);

  // The sheet.
  const ImageInfo& info() const override { return info_; }
  // REQUIRES: `rows` are those of one row of tiles.
  Status write(Range rows, std::span<const float> pixels) override;
  Status finish() override { return image_.finish(); }

  // Of what was written so far.
  Disagreement disagreement() const;

 private:
  // What the tiles gave for one value of the image.
  struct Sum {
    double blend = 0;
    float least = 0;
    float most = 0;
  };

  BlendSink(const PlanData& plan, ImageSink& image, OutputValues values);
  Status allocate();
  Sum* row_of(std::int64_t band, std::int64_t y);
  void add_row(const float* tile_row, std::size_t column, double share, Sum* row) const;
  void add(std::size_t row_of_tiles, std::span<const float> pixels);
  Status pass_on(Range rows);
  void measure(std::int64_t band, std::int64_t y);
  void move_up(Range kept);

  ImageSink& image_;
  const OutputValues values_;
  ImageInfo info_;  // of the sheet
  std::vector<AxisTile> rows_;
  std::vector<AxisTile> columns_;
  Shares row_shares_;
  Shares column_shares_;
  std::vector<char> shared_rows_;  // of the image: 1 where several tiles have them
  std::vector<char> shared_columns_;
  Range held_rows_;                  // rows of the image that sums_ holds
  std::unique_ptr<Sum[]> sums_;      // band after band, each the held rows
  std::unique_ptr<float[]> pixels_;  // on their way to the image
  std::int64_t rows_at_a_time_ = 1;
  std::vector<BandDisagreement> bands_;
};

}  // namespace sectile::internal
