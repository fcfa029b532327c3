// Half: floats of 16 bits (IEEE 754 binary16) and rows of them.
//
// Thread safety: pure functions.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sectile::internal {

// Rounded to the nearest, ties to even.
inline std::uint16_t to_half(float value) {
  return std::bit_cast<std::uint16_t>(static_cast<_Float16>(value));
}
// Exact.
inline float from_half(std::uint16_t bits) {
  return static_cast<float>(std::bit_cast<_Float16>(bits));
}

// REQUIRES: `to` has room for as many; both are aligned for their elements.
void to_halves(std::span<const float> from, std::byte* to);
void from_halves(const std::byte* from, std::span<float> to);

}  // namespace sectile::internal
