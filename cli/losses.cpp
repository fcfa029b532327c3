#include "cli/losses.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/messages.h"
#include "cli/options.h"
#include "sectile/image_files.h"

namespace sectile::cli {

namespace {

void warn_of_place(const GeoReference& wanted, const GeoReference& written,
                   const std::string& output) {
  if (wanted.has_arrays) {
    print_warning(
        fmt::format("{} does not hold the input's arrays of coordinates (geolocation)", output));
  }
  if (written.points.size() < wanted.points.size()) {
    print_warning(
        fmt::format("{} does not hold the input's {} ground control points: write a GeoTIFF",
                    output, wanted.points.size()));
  }
  if (written.rpc.empty() && !wanted.rpc.empty()) {
    print_warning(
        fmt::format("{} does not hold the input's RPC coefficients: write a GeoTIFF", output));
  }
}

bool has_alpha(const ImageInfo& image) {
  return std::ranges::count(image.metadata.bands, "Alpha", &BandInfo::meaning) > 0;
}

}  // namespace

void print_losses(const ImageInfo& wanted, const std::string& output) {
  const int orientation = orientation_of(wanted.metadata);
  const GeoReference& geo = wanted.geo;
  if (orientation == 1 && !wanted.mask && !geo.has_arrays && geo.points.empty() &&
      geo.rpc.empty()) {
    return;
  }
  const auto written = open_image(output, kOwnProcess);
  if (!written) return;
  const ImageInfo& info = (*written)->info();
  warn_of_place(geo, info.geo, output);
  if (wanted.mask && info.mask_kind == MaskKind::none && !has_alpha(info)) {
    print_warning(
        fmt::format("{} does not hold which pixels are data: they are 0 where there are none; "
                    "write a GeoTIFF or a PNG",
                    output));
  }
  if (orientation_of(info.metadata) == orientation) return;
  print_warning(
      fmt::format("{} does not hold the input's EXIF orientation {}, so it may look turned: write "
                  "a JPEG, or turn the input first",
                  output, orientation));
}

}  // namespace sectile::cli
