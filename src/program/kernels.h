// Kernels of ExecuTorch that only move values, or compute integers: read into the network.
#pragma once

#include <string_view>

#include "src/program/method_graph_builder.h"

namespace sectile::internal {

// `name` is as in the program: "aten::cat.out".
bool is_known_kernel(std::string_view name);

// Reads a call with these arguments (null: none). REQUIRES: the kernel is known.
// Errors: corrupt, unsupported, not_exact; the message is the bare reason.
Status read_kernel(MethodGraphBuilder& builder, std::string_view name,
                   const ValueIndices* arguments);

}  // namespace sectile::internal
