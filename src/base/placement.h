// Placement: where in one piece of memory values lie that live at different times.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sectile::internal {

// A value that is there from one step of a computation to another, both included.
struct PlacedBlock {
  std::size_t first_step = 0;
  std::size_t last_step = 0;
  std::int64_t size_bytes = 0;
  std::int64_t offset_bytes = 0;
};

// Sets the offsets: the largest first, those of one size in the order given, each into the tightest
// gap among those that live at the same time. XNNPACK places the values of its workspace so.
// Returns how many bytes that takes.
std::int64_t place(std::vector<PlacedBlock>& blocks);

}  // namespace sectile::internal
