// Attention in windows keeps an image as a list: of its pixels, or of its windows. Its rows and
// columns are then merged into one dim, which has neither. Images that `torch.stack` puts along a
// new dim lie one above the other first, until a reshape takes them apart.
#pragma once

#include "src/graph/graph.h"

namespace sectile::internal {

// The same network, where each dim that merges rows and columns is two dims again, one after the
// other, and images that are stacked lie along a dim of their own. The values lie in memory as
// before, and to the operators between all dims but the last ones are one batch. A node that cannot
// do without the merged dim gets it from a reshape, which is refused. REQUIRES: the axes of the
// graph's input are known; those of other values need not be.
Graph split_tokens(const Graph& graph);

}  // namespace sectile::internal
