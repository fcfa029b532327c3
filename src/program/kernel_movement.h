// Kernels that only move values: read into the network as XNNPACK's operators that do the same.
#pragma once

#include <span>

#include "src/program/kernel_arguments.h"

namespace sectile::internal {

std::span<const Kernel> movement_kernels();

}  // namespace sectile::internal
