// Metadata: what an image says of itself beside its pixels: where it lies on Earth, what its bands
// are. Files give it and take it (with GDAL); nothing of it changes a pixel.
//
// Thread safety: plain data.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace [[gnu::visibility("default")]] sectile {

// A place in the image whose coordinates are known; (0, 0) is the top left of the first pixel.
struct ControlPoint {
  std::string id = {};
  std::string info = {};
  double column = 0;
  double row = 0;
  double x = 0;
  double y = 0;
  double z = 0;
};

// Where the pixels lie on Earth, and which value marks "no data". Carried from input to output.
struct GeoReference {
  std::optional<std::array<double, 6>> transform = {};  // GDAL's order: x0, dx, rx, y0, ry, dy
  std::string crs_wkt = {};                             // empty when there is none
  std::optional<double> nodata = {};
  std::vector<ControlPoint> points = {};
  std::string points_crs_wkt = {};
  std::vector<std::string> rpc = {};  // rational polynomial coefficients, "KEY=VALUE" as GDAL's
  // The file also has the coordinates of each pixel, in other files or bands. They stay there.
  bool has_arrays = false;
};

// What a pixel's number stands for.
struct ClassInfo {
  std::string name = {};                                  // may be empty
  std::optional<std::array<std::uint8_t, 3>> color = {};  // red, green, blue
};

struct BandInfo {
  std::string meaning = {};  // GDAL's word: "Red", "Gray", "Alpha"; empty: none, "Undefined"
  std::string description = {};
  // What pixels stand for: pixel * scale + offset, in units.
  std::string unit = {};
  std::optional<double> scale = {};
  std::optional<double> offset = {};
  std::vector<std::string> items = {};  // "KEY=VALUE"
  // Of a band of classes, what 0, 1, 2, ... stand for. It is written to files, and not read.
  std::vector<ClassInfo> classes = {};
};

struct MetadataDomain {
  std::string name = {};                // GDAL's; empty: the main one
  std::vector<std::string> items = {};  // "KEY=VALUE", or one text of XML
};

struct Metadata {
  std::vector<MetadataDomain> domains = {};
  std::vector<BandInfo> bands = {};  // one for each band; empty: nothing is known of them
};

// How a camera was held, EXIF's 1 to 8: 1 is upright, 6 is a quarter turn clockwise to be upright.
// Pixels are never turned for it.
int orientation_of(const Metadata& metadata);

// Leaves out what pixels stand for: units, scale and offset of all bands.
void forget_units(Metadata& metadata);

// "1 Red, 2 Green, 3 Blue, 4 Undefined": for messages.
std::string band_names(const Metadata& metadata, int bands);

}  // namespace sectile
