// The reach of a network, found by changing pixels of its input and looking which pixels of the
// output change.
//
// Thread safety: functions without state.
#pragma once

#include <cstdint>

#include "src/footprint/footprint.h"
#include "tests/support/graph_run.h"

namespace sectile::internal::test {

// What is added to a pixel. A change fades on its way through the layers, so for networks that
// carry every change forward it is huge.
inline constexpr float kHugeChange = 1e30F;
inline constexpr float kLargeChange = 1e12F;  // for networks that square it
inline constexpr float kSmallChange = 0.75F;

// Changes single pixels inside a small image, at every phase of the footprint's grid, all channels
// at once. `footprint` chooses the size of the image alone.
// Errors: those of GraphRun; internal when the change makes values that are not finite.
Result<Reach> find_reach(const GraphProgram& program, const Footprint& footprint, float change);

}  // namespace sectile::internal::test
