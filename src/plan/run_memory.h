// What a run holds beside its sessions: what it allocates and the planner counts.
#pragma once

#include <array>
#include <cstdint>

#include "sectile/geometry.h"
#include "sectile/image.h"

namespace sectile::internal {

// One being computed while the next is read and the one before is written.
inline constexpr std::int64_t kTileStrips = 2;
// The lanes of a stream need not be level, and their strips are low. More of them let it go on
// while a row of a file's blocks is written.
inline constexpr std::array<std::int64_t, 3> kStreamStrips = {4, 8, 16};

// Rows of `width` pixels that are read at a time: enough for each call to be worth it, little
// against a strip.
std::int64_t rows_per_read(std::int64_t width, int bands);
// What a StripReader holds that reads so much of an image.
std::int64_t reading_bytes(Size window, int bands);

// Rows of a blended image that are passed on at a time. `tile_height` is that of a tile's output.
std::int64_t blended_rows_at_a_time(std::int64_t tile_height);
// What a BlendSink holds. `tile` is a tile's output, `tiles` how many there are along each axis.
std::int64_t blending_bytes(Size tile, Size tiles, Size image, int bands);

}  // namespace sectile::internal
