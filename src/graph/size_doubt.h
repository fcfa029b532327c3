// SizeDoubt: a number of a node that may be fixed, or may stand for the size that the program was
// exported for. The file holds the number alone: what it is at another size cannot be known.
//
// Thread safety: plain data.
#pragma once

#include <string>

#include "sectile/footprint.h"

namespace sectile::internal {

struct SizeDoubt {
  std::string why;
  BlockerReason reason = BlockerReason::exported_size;
};

}  // namespace sectile::internal
