// Calls of Sectile's own kernels, as the programs that it writes hold them.
//
// A resize whose positions are rounded gives a row other bits in another place of the image. So a
// part of it has to know where it lies: its call holds that for a program that stands at the
// image's first row and column, and the program is told where it stands (Position) in each run.
//
// Thread safety: plain data and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sectile::internal {

// Rows and columns of the image between its first ones and those that a program stands at.
struct Position {
  std::int64_t row = 0;
  std::int64_t column = 0;
};

// "sectile::resize_bilinear.out"(input, numbers, output): [1, rows, columns, channels] of f32.
inline constexpr std::string_view kResizeBilinear = "sectile::resize_bilinear.out";

// A part of a resized image along one axis. Lengths are those of the whole input and output; the
// first rows are those of the part, in a program that stands at the image's first row.
struct ResizedAxis {
  std::int64_t input_length = 0;
  std::int64_t output_length = 0;
  std::int64_t first_input = 0;
  std::int64_t first_output = 0;
  // The input has scale_num rows for every scale_den of the image.
  std::int64_t scale_num = 1;
  std::int64_t scale_den = 1;
  friend bool operator==(const ResizedAxis&, const ResizedAxis&) = default;
};

struct ResizedPart {
  bool align_corners = false;
  ResizedAxis rows;
  ResizedAxis columns;

  // As the call holds them.
  std::vector<std::int64_t> numbers() const;
  // Nothing where the numbers are not those of a part.
  static std::optional<ResizedPart> of(std::span<const std::int64_t> numbers);
  friend bool operator==(const ResizedPart&, const ResizedPart&) = default;
};

}  // namespace sectile::internal
