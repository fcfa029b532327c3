#include "src/base/moments.h"

#include <bit>
#include <cstddef>

namespace sectile::internal {

namespace {
constexpr std::int64_t kExactInFloat = std::int64_t{1} << 24;
}

std::vector<float> Moments::join(std::span<const float> sums, std::span<const float> squares,
                                 std::int64_t pixels) {
  std::vector<float> numbers(sums.begin(), sums.end());
  numbers.insert(numbers.end(), squares.begin(), squares.end());
  const std::int64_t high = pixels / kExactInFloat;
  const std::int64_t low = pixels % kExactInFloat;
  numbers.push_back(static_cast<float>(high));
  numbers.push_back(static_cast<float>(low));
  return numbers;
}

Moments::Moments(std::span<const float> numbers) {
  const std::size_t channels = (numbers.size() - 2) / 2;
  sums = numbers.first(channels);
  squares = numbers.subspan(channels, channels);
  pixels = static_cast<std::int64_t>(numbers[2 * channels]) * kExactInFloat +
           static_cast<std::int64_t>(numbers[2 * channels + 1]);
}

std::vector<std::int64_t> Normalization::numbers() const {
  return {static_cast<std::int64_t>(kernel), std::bit_cast<std::int64_t>(epsilon)};
}

std::optional<Normalization> Normalization::of(std::span<const std::int64_t> numbers) {
  constexpr auto kLast = static_cast<std::int64_t>(Kernel::group_norm_without_weights);
  if (numbers.size() != 2 || numbers[0] < 0 || numbers[0] > kLast) return {};
  return Normalization{static_cast<Kernel>(numbers[0]), std::bit_cast<double>(numbers[1])};
}

}  // namespace sectile::internal
