// From words of the command line to values. Thread safety: pure functions.
//
// Every error is invalid_argument; its message holds the word and says what would do.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sectile/build.h"
#include "sectile/geometry.h"
#include "sectile/image.h"
#include "sectile/plan.h"
#include "sectile/result.h"

namespace sectile::cli {

// An image on the command line: the name of a file, or the size of one that is made up.
using ImageArgument = std::variant<std::string, Size>;
inline bool is_file(const ImageArgument& image) {
  return std::holds_alternative<std::string>(image);
}

// "536870912", "512M", "1.5G", "2GiB": K, M, G and T are powers of 1024. At least 1.
Result<std::int64_t> parse_bytes(const std::string& text);

// "1920x1080": width x height, each at least 1.
Result<Size> parse_size(const std::string& text);

// A size, or one number for both sides.
Result<Size> parse_tile(const std::string& text);

// A size when the text is two whole numbers with an x between them, the name of a file otherwise.
Result<ImageArgument> parse_image(const std::string& text);

// "auto", "whole", "tile" or "stream".
Result<Mode> parse_mode(const std::string& text);
Result<StatisticsMode> parse_statistics(const std::string& text);
Result<KeepMode> parse_keep_mode(const std::string& text);

// A whole number from 1 to 1024: of threads, of rounds.
Result<int> parse_count(const std::string& text);

// A whole number from 1 on: of rows.
Result<std::int64_t> parse_rows(const std::string& text);

// A whole number from 0 on: of pixels.
Result<std::int64_t> parse_overlap(const std::string& text);

// "3,2,1": bands of an image, from 1 on.
Result<std::vector<int>> parse_bands(const std::string& text);

// A whole number from 1 on: of an image in a file of several; or "all" of them.
inline constexpr int kAllPages = -1;
Result<int> parse_page(const std::string& text);

// Finite numbers other than 0 with commas between them.
Result<std::vector<double>> parse_scales(const std::string& text);

// A finite number other than 0.
Result<double> parse_scale(const std::string& text);

// Finite numbers with commas between them.
Result<std::vector<double>> parse_means(const std::string& text);

// The same, each above 0.
Result<std::vector<double>> parse_deviations(const std::string& text);

// "X,Y,WxH": the column and the row at the top left, from 0 on; width and height, at least 1.
Result<Rect> parse_window(const std::string& text);

// A rectangle in the coordinates of the image's reference system; MIN is below MAX.
struct Bounds {
  double min_x = 0;
  double min_y = 0;
  double max_x = 0;
  double max_y = 0;
};

// "MINX,MINY,MAXX,MAXY".
Result<Bounds> parse_bounds(const std::string& text);

// "u8", "u16" or "f32".
Result<PixelType> parse_pixel_type(const std::string& text);

// "values", "argmax", "softmax" or "sigmoid".
Result<OutputKind> parse_output_kind(const std::string& text);

// A finite number.
Result<double> parse_threshold(const std::string& text);

// "KEY=VALUE", unchanged.
Result<std::string> parse_driver_option(const std::string& text);

// "NAME=WxH". The method's source stays empty.
Result<BuildMethod> parse_build_method(const std::string& text);

}  // namespace sectile::cli
