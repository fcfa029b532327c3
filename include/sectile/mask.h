// Mask: which pixels of an image are data. The others are nodata, masked, transparent, or NaN.
//
// A run gives the network InputScaling::fill in place of pixels that are none, and does not compute
// what only they would show. Files say it by a nodata value, a mask band or an alpha band
// (ImageInfo::mask_kind), and so do those that are made of them.
//
// Thread safety: const members and functions from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/image.h"
#include "sectile/result.h"

namespace [[gnu::visibility("default")]] sectile {

// Immutable. Holds a row as ranges of equal values, or as bytes, whichever is smaller; rows like
// the one above take none.
class Mask {
 public:
  static constexpr std::uint8_t kData = 255;

  Size size() const { return {static_cast<std::int64_t>(row_of_.size()), width_}; }
  // 0: not data; 255: data; between: data that is partly transparent.
  // REQUIRES: a row and columns of the image; out.size() == columns.size().
  void read_row(std::int64_t row, Range columns, std::span<std::uint8_t> out) const;
  bool any_data_in(const Rect& rect) const;          // REQUIRES: in the image
  Rect data_window() const { return data_window_; }  // holds all that is data; may be empty
  std::int64_t data_pixels() const { return data_pixels_; }
  std::int64_t held_bytes() const { return held_bytes_; }

  // The mask of an image whose pixel (y, x) shows pixel (rows[y], columns[x]) of this one.
  // REQUIRES: indices of this image's rows and columns that never go back; at least one of each.
  Mask picked(std::span<const std::int64_t> rows, std::span<const std::int64_t> columns) const;

  friend bool operator==(const Mask& a, const Mask& b);

 private:
  friend class MaskBuilder;
  struct Row {
    std::vector<std::uint32_t> ends = {};   // of ranges of equal values; empty: none are equal
    std::vector<std::uint8_t> values = {};  // of each range, or of each pixel
    friend bool operator==(const Row&, const Row&) = default;
  };
  const Row& row(std::int64_t y) const { return rows_[row_of_[static_cast<std::size_t>(y)]]; }

  std::int64_t width_ = 0;
  std::vector<Row> rows_;
  std::vector<std::uint32_t> row_of_;
  Rect data_window_;
  std::int64_t data_pixels_ = 0;
  std::int64_t held_bytes_ = 0;
};

// Makes a mask, row by row, from the top.
class MaskBuilder {
 public:
  explicit MaskBuilder(std::int64_t width) { mask_.width_ = width; }
  void add_row(std::span<const std::uint8_t> values);  // REQUIRES: values.size() == width
  Mask finish() { return std::move(mask_); }

 private:
  friend class Mask;
  void add(Mask::Row row);
  Mask mask_;
};

// Whether neither image has a mask, or both have equal ones.
bool same_mask(const ImageInfo& a, const ImageInfo& b);

// Data where both are. REQUIRES: equal sizes.
Mask both(const Mask& a, const Mask& b);

// Reads which pixels of the source are data: all of it, row by row. Null when it may have none that
// are not, or, of floating-point images that say nothing of nodata, when none is NaN.
// Errors: those of the source; cancelled.
Result<std::shared_ptr<const Mask>> read_mask(ImageSource& source,
                                              const std::atomic<bool>* stop = nullptr);

// The same image, with that mask in its info(). Of an image that had none, `kind` says how outputs
// are to show it. Errors: invalid_argument (a mask of another size).
Result<std::unique_ptr<ImageSource>> with_mask(std::unique_ptr<ImageSource> source,
                                               std::shared_ptr<const Mask> mask,
                                               MaskKind kind = MaskKind::nodata);

}  // namespace sectile
