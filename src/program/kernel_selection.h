// Kernels that pick values, repeat them or put some in the place of others: read into the network
// as slices and concatenations.
#pragma once

#include <span>

#include "src/program/kernel_arguments.h"

namespace sectile::internal {

std::span<const Kernel> selection_kernels();

}  // namespace sectile::internal
