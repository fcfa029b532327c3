// ExtendedSource: an image as a network takes it: scaled, and of a size that the network accepts,
// its edges repeated.
#pragma once

#include <vector>

#include "sectile/image.h"
#include "src/run/input_parts.h"
#include "src/run/strip_reader.h"

namespace sectile::internal {

class ExtendedSource final : public ImageSource {
 public:
  // The source must outlive this. REQUIRES: as StripReader; `extended` is at least its size.
  ExtendedSource(ImageSource& source, std::vector<BandScaling> scalings, const InputParts& parts,
                 Size extended);

  const ImageInfo& info() const override { return info_; }
  // REQUIRES: calls go down the image.
  Status read(const Rect& rect, std::span<float> out) override;

 private:
  // Full rows, and of those the columns of `part`.
  Status read_rows(const Rect& rows, const Planes& part);

  StripReader reader_;
  ImageInfo info_;
  std::vector<float> rows_;  // of which a part is asked for
};

}  // namespace sectile::internal
