// SizeDoubt: a number of a node that may be fixed, or may stand for the size that the program was
// exported for. The file holds the number alone: what it is at another size cannot be known.
//
// LengthDoubt: the same of one size, where the number matters.
//
// Thread safety: plain data.
#pragma once

#include <span>
#include <string>

#include "sectile/footprint.h"
#include "src/graph/graph.h"

namespace sectile::internal {

struct SizeDoubt {
  std::string why;
  BlockerReason reason = BlockerReason::exported_size;
};

// An image of another size than the exported one.
struct OtherImage {
  std::span<const Shape> shapes;  // of the graph's values
  // Whether it is larger or smaller by whole grid steps, along the axis in question.
  bool by_whole_steps = false;
};

struct LengthDoubt {
  std::string why;
  // Whether it is none where all numbers are fixed (OpenOptions::fixed_sizes).
  bool is_of_numbers = true;
};

}  // namespace sectile::internal
