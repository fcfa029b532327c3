// Kernels that only move values: read into the network as XNNPACK's operators that do the same.
#pragma once

#include <span>

#include "src/program/kernel_arguments.h"

namespace sectile::internal {

std::span<const Kernel> movement_kernels();

// Makes value `out` the values of `in` in another shape. Errors: corrupt, unsupported.
Status define_view(MethodGraphBuilder& builder, ValueIndex in, ValueIndex out);

}  // namespace sectile::internal
