// Bands of rows that a run holds at a time: what the pipeline allocates and the planner counts.
#pragma once

#include <cstdint>

namespace sectile {

// One being computed while the next is read and the one before is written.
inline constexpr std::int64_t kTileBands = 2;
// The lanes of a stream need not be level, and their bands are low.
inline constexpr std::int64_t kStreamBands = 4;

}  // namespace sectile
