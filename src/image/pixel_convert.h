// Float pixels to the bytes of a file's own pixel type.
//
// Integers clamp to their type's range and round to the nearest, halves away from zero;
// not-a-number becomes 0. Floating-point types keep every value, not-a-number included.
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sectile/image.h"

namespace sectile::internal {

std::int64_t bytes_per_pixel(PixelType type);

bool is_floating(PixelType type);

// True when `value` is a value of `type` exactly (any number, for the floating-point types).
bool can_hold(PixelType type, double value);

// Writes `values` to `out` as pixels of `type`, in the machine's byte order. `out` needs no
// alignment. Integers clamp to so many bits; 0: all of the type.
// REQUIRES: out.size() == values.size() * bytes_per_pixel(type).
void convert_pixels(std::span<const float> values, PixelType type, std::span<std::byte> out,
                    int bits = 0);

}  // namespace sectile::internal
