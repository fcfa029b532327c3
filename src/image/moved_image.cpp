#include "src/image/moved_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sectile {

using namespace internal;

namespace {

constexpr std::string_view kOrientation = "EXIF_Orientation=";
constexpr std::string_view kNoMeaning = "Undefined";

// The number at the beginning of a text; files write "+002199.00 pixels" too.
std::optional<double> leading_number(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" +"), text.size());
  double number = 0;
  const auto [end, error] = std::from_chars(text.data() + begin, text.data() + text.size(), number);
  return error == std::errc{} ? std::optional(number) : std::nullopt;
}

// KEY=NUMBER, changed by `change`. Items that are something else stay.
template <typename Change>
void change_number(std::vector<std::string>& items, std::string_view key, Change change) {
  for (std::string& item : items) {
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos || std::string_view(item).substr(0, equals) != key) continue;
    const auto number = leading_number(std::string_view(item).substr(equals + 1));
    if (number) item = fmt::format("{}={}", key, change(*number));
  }
}

// One axis of rational polynomials, which count from the middle of the first pixel.
void move_rpc(std::vector<std::string>& rpc, const std::string& axis, double pixels, double begin) {
  change_number(rpc, axis + "_OFF",
                [&](double middle) { return (middle + 0.5) / pixels - 0.5 - begin; });
  change_number(rpc, axis + "_SCALE", [&](double length) { return length / pixels; });
}

void drop_color_profile(Metadata& metadata) {
  std::erase_if(metadata.domains,
                [](const MetadataDomain& domain) { return domain.name == "COLOR_PROFILE"; });
}

bool starts_with_one_of(std::string_view text, std::span<const std::string_view> beginnings) {
  return std::ranges::any_of(beginnings,
                             [&](std::string_view begin) { return text.starts_with(begin); });
}

}  // namespace

int orientation_of(const Metadata& metadata) {
  for (const MetadataDomain& domain : metadata.domains) {
    for (const std::string& item : domain.items) {
      if (!domain.name.empty() || !item.starts_with(kOrientation)) continue;
      const double number =
          leading_number(std::string_view(item).substr(kOrientation.size())).value_or(1);
      return number >= 1 && number <= 8 ? static_cast<int>(number) : 1;
    }
  }
  return 1;
}

std::string band_names(const Metadata& metadata, int bands) {
  constexpr int kMost = 16;
  std::string names;
  for (int band = 0; band < std::min(bands, kMost); ++band) {
    const auto at = static_cast<std::size_t>(band);
    const BandInfo info = at < metadata.bands.size() ? metadata.bands[at] : BandInfo{};
    names += fmt::format("{}{} {}", names.empty() ? "" : ", ", band + 1,
                         info.meaning.empty() ? kNoMeaning : info.meaning);
    if (!info.description.empty()) names += fmt::format(" ({:.40})", info.description);
  }
  return bands > kMost ? names + ", ..." : names;
}

void forget_units(Metadata& metadata) {
  for (BandInfo& band : metadata.bands) {
    band.unit.clear();
    band.scale.reset();
    band.offset.reset();
  }
}

namespace internal {

GeoReference with_pixels_of(GeoReference geo, double rows, double columns) {
  if (geo.transform) {
    auto& [x0, dx, rx, y0, ry, dy] = *geo.transform;
    dx *= columns;
    ry *= columns;
    rx *= rows;
    dy *= rows;
  }
  for (ControlPoint& point : geo.points) {
    point.column /= columns;
    point.row /= rows;
  }
  move_rpc(geo.rpc, "LINE", rows, 0);
  move_rpc(geo.rpc, "SAMP", columns, 0);
  return geo;
}

GeoReference with_corner_at(GeoReference geo, double row, double column) {
  if (geo.transform) {
    auto& [x0, dx, rx, y0, ry, dy] = *geo.transform;
    x0 += column * dx + row * rx;
    y0 += column * ry + row * dy;
  }
  for (ControlPoint& point : geo.points) {
    point.column -= column;
    point.row -= row;
  }
  move_rpc(geo.rpc, "LINE", 1, row);
  move_rpc(geo.rpc, "SAMP", 1, column);
  return geo;
}

Metadata with_pixels_of(Metadata metadata, double rows, double columns) {
  static constexpr std::array<std::string_view, 2> kInPixels{"EXIF_PixelXDimension=",
                                                             "EXIF_PixelYDimension="};
  static constexpr std::array<std::string_view, 4> kWithPixelSize{
      "EXIF_XResolution=", "EXIF_YResolution=", "EXIF_FocalPlaneXResolution=",
      "EXIF_FocalPlaneYResolution="};
  const bool same_pixels = rows == 1 && columns == 1;
  for (auto& [name, items] : metadata.domains) {
    std::erase_if(items, [&](const std::string& item) {
      return starts_with_one_of(item, kInPixels) ||
             (!same_pixels && starts_with_one_of(item, kWithPixelSize));
    });
    if (same_pixels) continue;
    change_number(items, "TIFFTAG_XRESOLUTION", [&](double number) { return number / columns; });
    change_number(items, "TIFFTAG_YRESOLUTION", [&](double number) { return number / rows; });
  }
  return metadata;
}

void forget_bands(Metadata& metadata, int bands) {
  if (!metadata.bands.empty()) metadata.bands.assign(static_cast<std::size_t>(bands), {});
  drop_color_profile(metadata);
}

Metadata with_bands(Metadata metadata, const std::vector<int>& bands) {
  if (metadata.bands.empty()) return metadata;
  const std::string before = color_space_of(metadata);
  std::vector<BandInfo> some;
  for (const int band : bands) some.push_back(metadata.bands[static_cast<std::size_t>(band) - 1]);
  metadata.bands = std::move(some);
  if (color_space_of(metadata) != before) drop_color_profile(metadata);
  return metadata;
}

std::string color_space_of(const Metadata& metadata) {
  const auto& bands = metadata.bands;
  if (bands.empty()) return {};
  if (bands[0].meaning == "Gray") return "GRAY";
  const bool is_rgb = bands.size() >= 3 && bands[0].meaning == "Red" &&
                      bands[1].meaning == "Green" && bands[2].meaning == "Blue";
  return is_rgb ? "RGB " : "";
}

}  // namespace internal

}  // namespace sectile
