// What a session over a graph holds in memory, at the graph's shapes.
//
// XNNPACK packs the weights, keeps a table of pointers for each operator with a window
// (indirection; usually the largest part) and places the values between the nodes in one workspace:
// the largest first, each into the tightest gap among those that live at the same time.
#pragma once

#include <cstdint>

#include "src/graph/graph.h"

namespace sectile::internal {

struct SessionMemory {
  std::int64_t weight_bytes = 0;  // and what each operator holds whatever its size
  std::int64_t indirection_bytes = 0;
  std::int64_t workspace_bytes = 0;
  std::int64_t buffer_bytes = 0;  // input and output
  std::int64_t total() const {
    return weight_bytes + indirection_bytes + workspace_bytes + buffer_bytes;
  }
};
// Nodes of operators without a rule count by their constants and values.
SessionMemory session_memory(const Graph& graph);

}  // namespace sectile::internal
