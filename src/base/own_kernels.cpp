#include "src/base/own_kernels.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace sectile::internal {

namespace {

constexpr std::size_t kAxisNumbers = 6;
constexpr std::size_t kNumbers = 1 + 2 * kAxisNumbers;
// Products of two stay far below 2^63.
constexpr std::int64_t kLargest = std::int64_t{1} << 28;

void append(std::vector<std::int64_t>& numbers, const ResizedAxis& axis) {
  numbers.insert(numbers.end(), {axis.input_length, axis.output_length, axis.first_input,
                                 axis.first_output, axis.scale_num, axis.scale_den});
}

ResizedAxis axis_of(std::span<const std::int64_t, kAxisNumbers> numbers) {
  return {numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]};
}

bool is_sane(const ResizedAxis& axis) {
  const std::array positive{axis.input_length, axis.output_length, axis.scale_num, axis.scale_den};
  const auto is_positive = [](std::int64_t number) { return number > 0 && number < kLargest; };
  const auto is_row = [](std::int64_t row) { return row > -kLargest && row < kLargest; };
  return std::ranges::all_of(positive, is_positive) && is_row(axis.first_input) &&
         is_row(axis.first_output);
}

}  // namespace

std::vector<std::int64_t> ResizedPart::numbers() const {
  std::vector<std::int64_t> numbers{align_corners ? 1 : 0};
  append(numbers, rows);
  append(numbers, columns);
  return numbers;
}

std::optional<ResizedPart> ResizedPart::of(std::span<const std::int64_t> numbers) {
  if (numbers.size() != kNumbers) return {};
  const ResizedPart part{numbers[0] != 0, axis_of(numbers.subspan<1, kAxisNumbers>()),
                         axis_of(numbers.subspan<1 + kAxisNumbers, kAxisNumbers>())};
  if (!is_sane(part.rows) || !is_sane(part.columns)) return {};
  return part;
}

}  // namespace sectile::internal
