// Why an operator's rule refuses a node, by the kind of the refusal.
#pragma once

#include "sectile/footprint.h"

namespace sectile::internal {

struct Refusals {
  BlockerReason not_exact = BlockerReason::other;
  BlockerReason unsupported = BlockerReason::other;
};

}  // namespace sectile::internal
