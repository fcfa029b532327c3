// Integer arithmetic that rounds the way its name says, for negative numbers too, and never
// overflows where it says so.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace sectile::internal {

// REQUIRES: divisor > 0.
constexpr std::int64_t floor_div(std::int64_t value, std::int64_t divisor) {
  const std::int64_t quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}
// 0 to divisor - 1. REQUIRES: divisor > 0.
constexpr std::int64_t floor_mod(std::int64_t value, std::int64_t divisor) {
  return value - floor_div(value, divisor) * divisor;
}
constexpr std::int64_t ceil_div(std::int64_t value, std::int64_t divisor) {
  return -floor_div(-value, divisor);
}
constexpr std::int64_t round_up(std::int64_t value, std::int64_t divisor) {
  return ceil_div(value, divisor) * divisor;
}

// The product of the dims; nothing when one is below 1 or the product above `most`.
constexpr std::optional<std::int64_t> product_within(std::span<const std::int64_t> dims,
                                                     std::int64_t most) {
  std::int64_t product = 1;
  for (const std::int64_t dim : dims) {
    if (dim < 1 || dim > most / product) return std::nullopt;
    product *= dim;
  }
  return product;
}

// The next multiple of `alignment_bytes`. REQUIRES: alignment_bytes > 0.
constexpr std::uint64_t align_up(std::uint64_t bytes, std::uint64_t alignment_bytes) {
  return (bytes + alignment_bytes - 1) / alignment_bytes * alignment_bytes;
}

}  // namespace sectile::internal
