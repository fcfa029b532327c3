// How an output file shows which pixels are data.
//
// Thread safety: as_in_file is a pure function; MaskedPixels one thread at a time.
#pragma once

#include <gdal.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sectile/image.h"
#include "sectile/mask.h"
#include "src/image/gdal/format.h"

namespace sectile::internal {

// The image as a file of that format has it: with an alpha band after the others, or with a nodata
// value that its pixels can have; in another of the three ways where the format does not hold the
// one that `info` asks for, or in none. Without a mask nothing changes.
ImageInfo as_in_file(const ImageInfo& info, const OutputFormat& format);

// Rows of an image to rows of its file: with alpha, or the nodata value where there is no data.
// Values that happen to be the nodata value get the one beside it.
class MaskedPixels {
 public:
  // REQUIRES: `file` is as_in_file(), with a mask.
  explicit MaskedPixels(const ImageInfo& file);

  // The rows `part` of the `rows` that are given. The result stays until the next call.
  std::span<const float> take(Range part, Range rows, std::span<const float> pixels);

 private:
  void mark(std::span<float> values) const;

  Size size_;
  int bands_;  // without alpha
  std::shared_ptr<const Mask> mask_;
  std::optional<float> nodata_;  // none: an alpha band shows it, or a mask beside the bands
  float beside_ = 0;             // the value that valid pixels have instead
  float least_ = 0;              // of integers
  float most_ = 0;
  bool is_integer_ = true;
  std::optional<float> opaque_;  // of alpha
  std::vector<std::uint8_t> row_;
  std::vector<float> pixels_;
};

// In which way the finished file marks other pixels than those of the image's nodata value, in
// words. Nothing when it does not, or marks none.
std::optional<std::string> other_nodata(const std::string& file, const ImageInfo& info);

// Writes the mask band of an image that has one. REQUIRES: a GeoTIFF. Returns GDAL's reason when it
// cannot be written.
std::optional<std::string> write_mask_band(GDALDatasetH dataset, const Mask& mask);

// Whether the file's mask band is that one.
bool has_mask_band(const std::string& file, const Mask& mask);

}  // namespace sectile::internal
