// Sectile's own kernels, for a network that calls some.
#pragma once

#include "sectile/result.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// Before such a network is loaded. Errors: those of register_own_kernels.
Status prepare_kernels(const Graph& graph);

}  // namespace sectile::internal
