// Integer division that rounds the way its name says, for negative numbers too.
#pragma once

#include <cstdint>

namespace sectile {

// REQUIRES: divisor > 0.
constexpr std::int64_t floor_div(std::int64_t value, std::int64_t divisor) {
  const std::int64_t quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}
constexpr std::int64_t ceil_div(std::int64_t value, std::int64_t divisor) {
  return -floor_div(-value, divisor);
}
constexpr std::int64_t round_up(std::int64_t value, std::int64_t divisor) {
  return ceil_div(value, divisor) * divisor;
}

}  // namespace sectile
