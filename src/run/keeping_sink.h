// KeepingSink: what a pass makes: all of it is added up, images of it are kept for later passes.
#pragma once

#include <utility>
#include <vector>

#include "sectile/image.h"
#include "src/image/temporary_image.h"

namespace sectile::internal {

// Some bands of what the pass makes.
struct KeptBands {
  Range bands;
  TemporaryImage image;
};

class KeepingSink final : public ImageSink {
 public:
  // `sums` must outlive this.
  KeepingSink(ImageSink& sums, std::vector<KeptBands> kept) : sums_(sums), kept_(std::move(kept)) {}

  const ImageInfo& info() const override { return sums_.info(); }
  Status write(Range rows, std::span<const float> pixels) override;
  Status finish() override { return sums_.finish(); }

 private:
  ImageSink& sums_;
  std::vector<KeptBands> kept_;
};

}  // namespace sectile::internal
