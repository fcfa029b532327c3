// Kernels on numbers that are known beforehand: positions, factors. They are computed while a
// program is read.
#pragma once

#include <span>

#include "src/program/kernel_arguments.h"

namespace sectile::internal {

std::span<const Kernel> number_kernels();

}  // namespace sectile::internal
