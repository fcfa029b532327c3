// What one run of a graph costs: work and memory, at the graph's shapes.
#pragma once

#include <cstdint>

#include "src/graph/graph.h"

namespace sectile {

// Multiply-adds.
double compute_cost(const Graph& graph);

// Bytes that one session holds beside its input and output buffers.
struct SessionMemory {
  std::int64_t operator_bytes = 0;   // packed weights and indirection tables
  std::int64_t workspace_bytes = 0;  // values between the nodes, placed by lifetime
  std::int64_t total() const { return operator_bytes + workspace_bytes; }
};
SessionMemory session_memory(const Graph& graph);

}  // namespace sectile
