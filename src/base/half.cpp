#include "src/base/half.h"

namespace sectile::internal {

void to_halves(std::span<const float> from, std::byte* to) {
  auto* halves = reinterpret_cast<std::uint16_t*>(to);
  for (std::size_t i = 0; i < from.size(); ++i) halves[i] = to_half(from[i]);
}

void from_halves(const std::byte* from, std::span<float> to) {
  const auto* halves = reinterpret_cast<const std::uint16_t*>(from);
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = from_half(halves[i]);
}

}  // namespace sectile::internal
