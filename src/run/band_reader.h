// BandReader: fills the input bands of a run, each row of the image read once and in order.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sectile/image.h"
#include "sectile/plan.h"
#include "sectile/result.h"
#include "src/run/planes.h"
#include "src/run/scaling.h"

namespace sectile {

// Rows that are read at a time: enough for each call to be worth it, little against a band.
std::int64_t rows_per_read(const ImageInfo& image);
// What a BandReader holds for that.
std::int64_t reading_bytes(const ImageInfo& image);

class BandReader {
 public:
  // The image is `source` extended to `extended` at the bottom and right by repeating its edge.
  BandReader(ImageSource& source, std::vector<BandScaling> scalings, Size extended)
      : source_(source), scalings_(std::move(scalings)), extended_(extended) {}

  // Fills band.rect.y. Rows that `previous` (the band before, or no values) holds are copied from
  // there.
  // REQUIRES: both span the extended width; bands come from top to bottom, each begins at or above
  // the end of the one before, and behind an empty one there are only empty ones.
  // Errors: those of the source.
  Status read(const Planes& band, const ConstPlanes& previous);

 private:
  Status read_rows(const Planes& band, Range rows);

  ImageSource& source_;
  std::vector<BandScaling> scalings_;
  Size extended_;
  std::vector<float> pixels_;
};

}  // namespace sectile
