#include "src/session/prepare_kernels.h"

#include <algorithm>

#include "src/graph/kernel_format.h"
#include "src/runtime/own_kernels.h"

namespace sectile::internal {

Status prepare_kernels(const Graph& graph) {
  return std::ranges::any_of(graph.nodes, is_own_kernel) ? register_own_kernels() : Status{};
}

}  // namespace sectile::internal
