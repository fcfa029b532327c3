// The families of operators: one function per file of this folder.
#pragma once

#include <span>

#include "src/graph/operator.h"

namespace sectile::internal {

std::span<const OperatorRule> convolution_rules();
std::span<const OperatorRule> transposed_convolution_rules();
std::span<const OperatorRule> pooling_rules();
std::span<const OperatorRule> unary_rules();
std::span<const OperatorRule> binary_rules();
std::span<const OperatorRule> concat_rules();
std::span<const OperatorRule> slice_rules();
std::span<const OperatorRule> pad_rules();
std::span<const OperatorRule> resize_rules();
std::span<const OperatorRule> nearest_rules();
std::span<const OperatorRule> layout_rules();
std::span<const OperatorRule> global_rules();

}  // namespace sectile::internal
