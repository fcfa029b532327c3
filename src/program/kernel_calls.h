// Kernels that compute values, kept as calls: read into the network as nodes of their own.
#pragma once

#include <cstdint>
#include <vector>

#include "src/graph/operator.h"
#include "src/program/kernel_arguments.h"

namespace sectile::internal {

// REQUIRES: rule.kernel. Errors: corrupt, unsupported; the message is the bare reason.
Status read_call(MethodGraphBuilder& builder, const OperatorRule& rule,
                 const ValueIndices& arguments);

// The order of the dims of an image that lies row-major.
std::vector<std::uint8_t> row_major_order();

// A node of an image that lies row-major, whose output stands for the planar value `out` of the
// program (KernelFormat::row_major). Errors: corrupt, unsupported.
Status define_row_major(MethodGraphBuilder& builder, Node node, ValueIndex out);

}  // namespace sectile::internal
