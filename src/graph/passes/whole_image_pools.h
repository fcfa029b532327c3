// Pools over all of the image, written as windows of the size that was exported:
// F.avg_pool2d(x, x.shape[2:]). At another size the window is that size.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sectile/geometry.h"
#include "src/graph/graph.h"

namespace sectile::internal {

// The average of each channel over all pixels, as XNNPACK's average pool computes it.
inline constexpr std::string_view kWholeImagePool = "WholeImagePool";

// Pools of at most so many rows are taken for windows, as networks halve images by them.
inline constexpr std::int64_t kOwnWindow = 4;

// For messages about such a window.
std::string why_whole_image(Size window);

// The same graph with such nodes in place of XNNPACK's average pools that cover the image.
Graph whole_image_pools(Graph graph);

}  // namespace sectile::internal
