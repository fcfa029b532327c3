// Parts: a network as ExecuTorch runs it. XNNPACK's nodes that follow each other are one delegate,
// a kernel of ExecuTorch's own is a call by itself. Values that go from part to part lie in one
// piece of memory, the arena.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/base/placement.h"
#include "src/graph/graph.h"

namespace sectile::internal {

struct Part {
  std::size_t first_node = 0;
  std::size_t end_node = 0;
  bool is_kernel = false;        // of one node then
  std::vector<ValueId> inputs;   // taken from outside; no constants
  std::vector<ValueId> outputs;  // made for outside
};

// REQUIRES: a lowered graph (lower.h).
std::vector<Part> parts_of(const Graph& graph);

// A part alone, a delegate's: its inputs and outputs are the extra ones, values are renumbered.
Graph delegate_graph(const Graph& graph, const Part& part);

// Values that go from part to part, and what kernels give beside their output (kNoValue). The block
// of each has its index; steps are parts, the first is the one that makes it.
struct Arena {
  std::vector<ValueId> values;
  std::vector<PlacedBlock> blocks;
  std::int64_t size_bytes = 0;
};

// Of the values that are not the graph's own inputs or outputs.
Arena arena_of(const Graph& graph, const std::vector<Part>& parts);

}  // namespace sectile::internal
