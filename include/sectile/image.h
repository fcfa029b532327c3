// ImageSource and ImageSink: rectangles of pixels in, rectangles of pixels out.
//
// The image may be far larger than memory, so nothing here loads it: the caller names a rectangle
// and lends a buffer. Sources and sinks know files and pixels. They know nothing of tiles, reach,
// models or budgets. An application passes its own by deriving from the two classes; open_image and
// create_image serve files (with GDAL).
//
// Units: pixel values are the file's own numbers as float (an 8-bit file gives 0 to 255); scaling
// for the network is done elsewhere. Buffers are planar: band after band, each band row by row,
// without padding.
// Thread safety: const members from any thread. Other calls on one object must not overlap, but may
// come from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/metadata.h"
#include "sectile/result.h"

namespace [[gnu::visibility("default")]] sectile {

enum class PixelType { u8, i8, u16, i16, u32, i32, f32, f64 };

// "u8", "u16", "f32", ...
const char* to_string(PixelType type);
// 255 for u8, 32767 for i16, ..., 4095 for u16 of 12 bits; 1 for floating-point types, whose values
// are taken as they are.
double maximum_of(PixelType type, int bits = 0);

class Mask;  // sectile/mask.h

// How a file says which pixels are data: by a value that marks all others (GeoReference::nodata), a
// mask band beside the bands, or an alpha band, which is then none of `bands`.
enum class MaskKind { none, nodata, band, alpha };

// What is known of an image before any pixel is decoded.
struct ImageInfo {
  Size size;      // at least 1 x 1
  int bands = 1;  // at least 1
  PixelType pixel_type = PixelType::u8;
  int bits = 0;     // of integer pixels, where fewer than the type's: 12 of a camera's u16; 0: all
  Size block = {};  // the file's own tile or strip; 0 x 0 when it has none
  // Memory that reading (or writing) the image holds meanwhile: the blocks of one block row, what
  // its decoder keeps. 0 for images in memory.
  std::int64_t held_bytes = 0;
  GeoReference geo = {};
  Metadata metadata = {};
  MaskKind mask_kind = MaskKind::none;
  std::shared_ptr<const Mask> mask = {};  // null: all pixels count as data (see read_mask)
  int pages = 1;                          // images that the file holds; this is one of them
  std::string approximation = {};  // in words; empty: it is none (SECTILE_APPROXIMATE in files)
  // Pixels are numbers of classes, or yes and no: a format that would change them is refused.
  bool labels = false;
};

class ImageSource {
 public:
  virtual ~ImageSource() = default;
  virtual const ImageInfo& info() const = 0;

  // Writes the pixels of `rect` to `out`. Calls that go down the image row band by row band are the
  // fastest.
  // REQUIRES: rect is not empty and lies inside the image; out.size() == rect.area() *
  // info().bands. Sectile's own sources check that (invalid_argument).
  // Errors: io, corrupt; the message names the file and the rectangle. The source stays usable.
  virtual Status read(const Rect& rect, std::span<float> out) = 0;

  // Writes what of `rect` is data to `out`, a byte a pixel (see Mask). By default: floating-point
  // pixels that are NaN in no band, and all others. Errors and REQUIRES: as read().
  virtual Status read_mask(const Rect& rect, std::span<std::uint8_t> out);
};

class ImageSink {
 public:
  // Destroying an unfinished sink discards what was written; an existing file stays as it was.
  virtual ~ImageSink() = default;
  virtual const ImageInfo& info() const = 0;

  // Takes the rows [rows.begin, rows.end) of the image, full width. Integer pixel types clamp and
  // round to nearest; not-a-number becomes 0 there.
  // REQUIRES: calls go down the image without a gap, from row 0; pixels.size() == rows.size() *
  // width * bands. Sectile's own sinks check that (invalid_argument).
  // Errors: io. After an error the sink can only be destroyed.
  virtual Status write(Range rows, std::span<const float> pixels) = 0;

  // Performs every step of finish() that can fail except the final rename; several outputs are
  // completed before the first appears. Call once, after the last row, or not at all. Errors: io.
  virtual Status complete() { return {}; }
  // Makes the output appear under its name, complete. Call once, after the last row. Errors: io.
  virtual Status finish() = 0;
};

// An image in memory: planar floats that count as `pixel_type` (f32 ones are taken as they are).
class MemorySource final : public ImageSource {
 public:
  // The pixels must outlive the source. read() checks that there are info.size.area() * info.bands.
  MemorySource(ImageInfo info, std::span<const float> pixels)
      : info_(std::move(info)), pixels_(pixels) {}
  const ImageInfo& info() const override { return info_; }
  Status read(const Rect& rect, std::span<float> out) override;

 private:
  ImageInfo info_;
  std::span<const float> pixels_;
};

class MemorySink final : public ImageSink {
 public:
  // Takes memory for info.size.area() * info.bands floats. Where there is none, or the image has no
  // pixels, write() says so.
  explicit MemorySink(ImageInfo info);
  const ImageInfo& info() const override { return info_; }
  // Row 0 starts the image again: a sink can take one image after the other.
  Status write(Range rows, std::span<const float> pixels) override;
  Status finish() override;

  // The planar pixels. Rows that were not written yet are 0. Empty where there is no memory.
  std::span<const float> pixels() const { return {pixels_.get(), pixels_ ? count_ : 0}; }
  bool finished() const { return finished_; }

 private:
  struct Free {
    void operator()(float* pixels) const;
  };
  ImageInfo info_;
  std::unique_ptr<float[], Free> pixels_;
  std::size_t count_ = 0;
  std::int64_t next_row_ = 0;  // the first that was not written
  bool finished_ = false;
};

// Images as one, band after band, for networks of several inputs or outputs (see join_inputs). An
// image that has the rows and columns of the joined one `scales` times is there with a band for
// each pixel of such a block. The joined image lies on Earth where the first does.
// No scales: all are 1x1.
// Errors: invalid_argument (no image, a null one, another number of scales, sizes or pixel types
// that do not fit).
Result<std::unique_ptr<ImageSource>> join_images(std::vector<std::unique_ptr<ImageSource>> images,
                                                 std::vector<Size> scales = {});
Result<std::unique_ptr<ImageSink>> join_images(std::vector<std::unique_ptr<ImageSink>> images);

}  // namespace sectile
