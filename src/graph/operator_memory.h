// OperatorMemory: what XNNPACK holds for one operator beside its input and output.
//
// Thread safety: plain data.
#pragma once

#include <cstdint>

namespace sectile::internal {

// At the graph's shapes.
struct OperatorMemory {
  std::int64_t weight_bytes = 0;       // packed weights
  std::int64_t indirection_bytes = 0;  // indirection table: a pointer for each pixel of each window
  bool can_be_transient = false;       // the table, by kTransientTable
  std::int64_t workspace_bytes = 0;    // in the workspace, while it runs
  bool in_place = false;               // its output may lie where an input of that size lay
};

}  // namespace sectile::internal
