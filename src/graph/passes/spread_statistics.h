// Spread statistics: what a network brings to the image's size again (the pooled branch of an
// atrous pyramid).
//
// The exporter writes so many rows and columns, as exported. How many there are of another image is
// that of the value which the network joins it with: the node takes that as an input.
#pragma once

#include <string_view>

#include "src/graph/graph.h"

namespace sectile::internal {

// Of the value that has the rows and columns, and the statistic, [1, 1, 1, channels]. With the
// attributes of a Sampling its values are copies; without, XNNPACK's bilinear resize makes them.
inline constexpr std::string_view kSpread = "SpreadStatistic";

// The same graph with such nodes in place of resizes, copies and repetitions of statistics, where
// what they are joined with is found.
Graph spread_statistics(Graph graph);

}  // namespace sectile::internal
