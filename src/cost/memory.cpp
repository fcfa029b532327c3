#include "src/cost/memory.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "src/base/placement.h"
#include "src/cost/machine_model.h"
#include "src/graph/operator.h"
#include "src/graph/passes/lower.h"
#include "src/graph/passes/parts.h"
#include "src/graph/types.h"

namespace sectile::internal {

namespace {

OperatorMemory memory_of(const Graph& graph, const Node& node) {
  if (const OperatorRule* rule = find_rule(node.op)) return rule->memory({graph, node});
  OperatorMemory memory;
  for (const ValueId id : node.inputs) {
    if (id == kNoValue || !graph.values[id].constant) continue;
    memory.weight_bytes += graph.values[id].size_bytes();
  }
  return memory;
}

std::vector<std::size_t> readers_of(const Graph& graph) {
  std::vector<std::size_t> readers(graph.values.size());
  for (const Node& node : graph.nodes) {
    for (const ValueId id : node.inputs) {
      if (id != kNoValue) ++readers[id];
    }
  }
  return readers;
}

// XNNPACK puts the output of such an operator into the place of its first input of that size, where
// nothing else reads either; the place is taken from the input's beginning to the output's end.
void merge_in_place(const Graph& graph, std::vector<PlacedBlock>& of_value) {
  const std::vector<std::size_t> readers = readers_of(graph);
  for (const Node& node : graph.nodes) {
    PlacedBlock& output = of_value[node.output];
    if (readers[node.output] != 1 || !memory_of(graph, node).in_place) continue;
    const auto input = std::ranges::find_if(node.inputs, [&](ValueId id) {
      return id != kNoValue && !graph.values[id].constant && readers[id] == 1 &&
             output.size_bytes > 0 && of_value[id].size_bytes == output.size_bytes;
    });
    if (input == node.inputs.end()) continue;
    output.first_step = of_value[*input].first_step;
    of_value[*input] = {};
  }
}

// Values between two nodes, from the node that makes it to the last that uses it; and the transient
// tables of nodes. What goes from part to part lies elsewhere.
std::vector<PlacedBlock> blocks_of(const Graph& graph, const std::vector<Part>& parts) {
  std::vector<PlacedBlock> of_value(graph.values.size());
  for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
    const Node& node = graph.nodes[index];
    of_value[node.output] = {index, index, graph.values[node.output].size_bytes()};
    for (const ValueId id : node.inputs) {
      if (id != kNoValue) of_value[id].last_step = index;
    }
  }
  // What the caller provides and receives lies in the caller's memory.
  for (const ValueId id : graph.all_inputs()) of_value[id] = {};
  for (const ValueId id : graph.all_outputs()) of_value[id] = {};
  for (const Part& part : parts) {
    for (const ValueId id : part.outputs) of_value[id] = {};
  }
  merge_in_place(graph, of_value);
  std::vector<PlacedBlock> blocks;
  for (ValueId id = 0; id < of_value.size(); ++id) {
    if (of_value[id].size_bytes > 0 && !graph.values[id].constant) blocks.push_back(of_value[id]);
  }
  return blocks;
}

// In which order XNNPACK takes blocks of one size is not said; it matters where many layers are
// alike. Measured, it is one of these.
std::int64_t workspace(std::vector<PlacedBlock> blocks) {
  const std::int64_t in_order = place(blocks);
  std::ranges::reverse(blocks);
  return std::max(in_order, place(blocks));
}

// What has been written of the arena when a part begins.
std::int64_t touched_bytes(const Arena& arena, std::size_t part) {
  std::int64_t bytes = 0;
  for (const PlacedBlock& block : arena.blocks) {
    if (block.first_step < part) bytes = std::max(bytes, block.offset_bytes + block.size_bytes);
  }
  return bytes;
}

// Workspace and arena. Delegates of a program share one workspace: the first that needs more gets a
// new one, cleared while the old one is still there (measured).
std::int64_t values_bytes(const std::vector<PlacedBlock>& blocks, const std::vector<Part>& parts,
                          const Arena& arena) {
  std::int64_t held = 0;
  std::int64_t peak = 0;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    std::vector<PlacedBlock> of_part;
    std::ranges::copy_if(blocks, std::back_inserter(of_part), [&](const PlacedBlock& block) {
      return block.first_step >= parts[p].first_node && block.first_step < parts[p].end_node;
    });
    const std::int64_t needed = workspace(std::move(of_part));
    if (needed <= held) continue;
    peak = std::max(peak, touched_bytes(arena, p) + held + needed);
    held = needed;
  }
  return std::max(peak, held + arena.size_bytes);
}

// Where XNNPACK computes in f32: the network in f32, between halves at its ends.
Graph widened(Graph graph) {
  for (Value& value : graph.values) {
    if (value.type == DataType::f16) value.type = DataType::f32;
  }
  return graph;
}

// What the caller fills and reads: floats, and halves beside them where the network takes those.
std::int64_t end_bytes(const Value& value) {
  const std::int64_t floats = value.shape.elements() * size_bytes(DataType::f32);
  return value.type == DataType::f32 ? floats : floats + value.size_bytes();
}

}  // namespace

SessionMemory session_memory(const Graph& graph) {
  if (needs_lowering(graph)) return session_memory(lowered(graph));
  if (widening_node(graph)) {
    SessionMemory memory = session_memory(widened(graph));
    for (const ValueId id : {graph.input, graph.output}) {
      if (id == kNoValue) continue;
      memory.buffer_bytes += graph.values[id].size_bytes();
      memory.workspace_bytes += graph.shape(id).elements() * size_bytes(DataType::f32);
    }
    return memory;
  }
  SessionMemory memory;
  const auto parts = parts_of(graph);
  auto blocks = blocks_of(graph, parts);
  for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
    const Node& node = graph.nodes[index];
    const OperatorMemory of_node = memory_of(graph, node);
    memory.weight_bytes += of_node.weight_bytes + kMemoryModel.bytes_per_node;
    if (of_node.workspace_bytes > 0) blocks.push_back({index, index, of_node.workspace_bytes});
    if (of_node.can_be_transient && (node.flags & kTransientTable) != 0) {
      blocks.push_back({index, index, of_node.indirection_bytes});
    } else {
      memory.indirection_bytes += of_node.indirection_bytes;
    }
  }
  memory.workspace_bytes = values_bytes(blocks, parts, arena_of(graph, parts));
  for (const ValueId id : {graph.input, graph.output}) {
    if (id != kNoValue) memory.buffer_bytes += end_bytes(graph.values[id]);
  }
  return memory;
}

}  // namespace sectile::internal
