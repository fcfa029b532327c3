// The table of operators: one line for each file of this folder. A file's function gives the rules
// of its operators; nothing else lists them.
#pragma once

#include <span>

#include "src/graph/operator.h"

// clang-format off
#define SECTILE_OPERATOR_FILES(file) \
  file(binary) \
  file(channel_kernels) \
  file(concat) \
  file(convolution) \
  file(convolution_kernel) \
  file(elementwise_kernels) \
  file(elu) \
  file(fully_connected) \
  file(global) \
  file(layout) \
  file(leaky_relu) \
  file(matrix_product) \
  file(norms) \
  file(pad) \
  file(periodic_factor) \
  file(pooling) \
  file(resize) \
  file(sampling) \
  file(slice) \
  file(spread_statistic) \
  file(statistics) \
  file(transposed_convolution) \
  file(unary) \
  file(without_rule)
// clang-format on

namespace sectile::internal {

#define SECTILE_DECLARE_RULES(file) std::span<const OperatorRule> file##_rules();
SECTILE_OPERATOR_FILES(SECTILE_DECLARE_RULES)
#undef SECTILE_DECLARE_RULES

}  // namespace sectile::internal
