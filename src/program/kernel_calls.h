// Kernels that compute values, kept as calls: read into the network as nodes of their own.
#pragma once

#include "src/graph/operator.h"
#include "src/program/kernel_arguments.h"

namespace sectile::internal {

// REQUIRES: rule.kernel. Errors: corrupt, unsupported; the message is the bare reason.
Status read_call(MethodGraphBuilder& builder, const OperatorRule& rule,
                 const ValueIndices& arguments);

}  // namespace sectile::internal
