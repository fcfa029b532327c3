// Palette: the colours that a file's pixels stand for, and the bands that they make.
//
// Thread safety: values.
#pragma once

#include <gdal.h>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sectile/image.h"

namespace sectile::internal {

class Palette {
 public:
  Palette() = default;  // the file has none: its pixels are levels

  // The colour table of a file of one band. Not that of grey levels, which stand for themselves.
  // Errors: unsupported (colours that are neither RGB nor grey).
  static Result<Palette> read(GDALDatasetH dataset, const std::string& path);

  bool empty() const { return colors_.empty(); }
  // "Red", ..., or "Gray", and "Alpha" where a colour is transparent.
  std::vector<BandInfo> bands() const;

  // Replaces the indices at the beginning of `out` by their colours: those bands, from 1 on.
  // Returns the first index that the table does not have, if any.
  std::optional<std::size_t> replace(const std::vector<int>& bands, std::span<float> out) const;

 private:
  using Color = std::array<float, 4>;

  std::vector<Color> colors_;
  std::vector<int> components_;  // of a colour, those that make bands
};

// Whether the levels of the first band count from white.
bool counts_from_white(GDALDatasetH dataset);

}  // namespace sectile::internal
