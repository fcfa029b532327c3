// Moments of an image's channels, as a norm takes them, and how it applies them.
//
// Thread safety: plain data and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sectile::internal {

// As numbers in f32: the sums of all channels, then the sums of squares, then the number of pixels
// in two parts, of which each is exact.
struct Moments {
  static std::int64_t numbers_of(std::int64_t channels) { return 2 * channels + 2; }
  static std::vector<float> join(std::span<const float> sums, std::span<const float> squares,
                                 std::int64_t pixels);
  // REQUIRES: numbers of join.
  explicit Moments(std::span<const float> numbers);

  std::span<const float> sums;
  std::span<const float> squares;
  std::int64_t pixels = 0;
};

// "sectile::normalize.out"(image, moments, weights, biases, numbers, output): images of [1, rows,
// columns, channels] of f32; a weight and a bias for each channel.
inline constexpr std::string_view kNormalize = "sectile::normalize.out";

struct Normalization {
  // Which of ExecuTorch's kernels it repeats.
  enum class Kernel { instance_norm, group_norm, group_norm_without_weights };
  Kernel kernel = Kernel::instance_norm;
  double epsilon = 0;

  // As the call holds them.
  std::vector<std::int64_t> numbers() const;
  // Nothing where the numbers are not those of a norm.
  static std::optional<Normalization> of(std::span<const std::int64_t> numbers);
  friend bool operator==(const Normalization&, const Normalization&) = default;
};

}  // namespace sectile::internal
