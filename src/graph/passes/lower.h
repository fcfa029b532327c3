// Lowering: operators that XNNPACK does not have, made of some that it has.
#pragma once

#include "src/graph/graph.h"

namespace sectile::internal {

// Whether any operator of the network is one that XNNPACK does not have. REQUIRES: every node has a
// rule.
bool needs_lowering(const Graph& graph);

// The same network of XNNPACK's operators alone. The values keep their ids; new ones come after
// them. REQUIRES: every node has a rule.
Graph lowered(const Graph& graph);

}  // namespace sectile::internal
