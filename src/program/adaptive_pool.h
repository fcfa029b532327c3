// Adaptive average pools, and resizing by areas, which is one: they make so many rows of an image,
// whatever it has. Where these are a part of the image's, the pool is one over windows.
#pragma once

#include <optional>
#include <span>

#include "src/program/kernel_arguments.h"

namespace sectile::internal {

// Of a call of aten::_adaptive_avg_pool2d: each output pixel is the mean of so many rows and
// columns of its own. Nothing where one pixel is made of all, where their numbers differ from pixel
// to pixel, or where the call has other arguments.
std::optional<Size> adaptive_window(const MethodValues& values, const ValueIndices& arguments);

std::span<const Kernel> adaptive_kernels();

}  // namespace sectile::internal
