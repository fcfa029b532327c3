#include "src/graph/passes/parts.h"

#include <algorithm>
#include <optional>

#include "src/base/integers.h"
#include "src/graph/operator.h"
#include "src/graph/passes/prune.h"

namespace sectile::internal {

namespace {

// XNNPACK may read as much past the end of a value, and wants such boundaries.
constexpr std::int64_t kAlignmentBytes = 64;

std::vector<Part> cut(const Graph& graph) {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const bool kernel = is_kernel(graph.nodes[i]);
    if (parts.empty() || kernel || parts.back().is_kernel) parts.push_back({i, i, kernel, {}, {}});
    parts.back().end_node = i + 1;
  }
  return parts;
}

void add_once(std::vector<ValueId>& ids, ValueId id) {
  if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
}

std::int64_t arena_bytes(std::int64_t bytes) {
  return static_cast<std::int64_t>(
      align_up(static_cast<std::uint64_t>(bytes) + kAlignmentBytes, kAlignmentBytes));
}

// The part that makes each value; none for those that come from outside.
std::vector<std::optional<std::size_t>> makers(const Graph& graph, const std::vector<Part>& parts) {
  std::vector<std::optional<std::size_t>> maker(graph.values.size());
  for (std::size_t p = 0; p < parts.size(); ++p) {
    for (std::size_t i = parts[p].first_node; i < parts[p].end_node; ++i) {
      maker[graph.nodes[i].output] = p;
    }
  }
  return maker;
}

}  // namespace

std::vector<Part> parts_of(const Graph& graph) {
  std::vector<Part> parts = cut(graph);
  const auto maker = makers(graph, parts);
  for (std::size_t p = 0; p < parts.size(); ++p) {
    for (std::size_t i = parts[p].first_node; i < parts[p].end_node; ++i) {
      for (const ValueId id : graph.nodes[i].inputs) {
        if (id == kNoValue || graph.values[id].constant || maker[id] == p) continue;
        add_once(parts[p].inputs, id);
        if (maker[id]) add_once(parts[*maker[id]].outputs, id);
      }
    }
  }
  for (const ValueId id : graph.all_outputs()) {
    if (maker[id]) add_once(parts[*maker[id]].outputs, id);
  }
  return parts;
}

Graph delegate_graph(const Graph& graph, const Part& part) {
  Graph alone;
  alone.values = graph.values;
  alone.nodes.assign(graph.nodes.begin() + static_cast<std::ptrdiff_t>(part.first_node),
                     graph.nodes.begin() + static_cast<std::ptrdiff_t>(part.end_node));
  alone.extra_inputs = part.inputs;
  alone.extra_outputs = part.outputs;
  return prune(alone).graph;
}

Arena arena_of(const Graph& graph, const std::vector<Part>& parts) {
  Arena arena;
  const auto outputs = graph.all_outputs();
  const auto add = [&](ValueId id, std::size_t part, std::size_t last_part, std::int64_t bytes) {
    arena.values.push_back(id);
    arena.blocks.push_back({part, last_part, arena_bytes(bytes), 0});
  };
  for (std::size_t p = 0; p < parts.size(); ++p) {
    for (const ValueId id : parts[p].outputs) {
      if (std::ranges::find(outputs, id) != outputs.end()) continue;
      std::size_t last = p;
      for (std::size_t q = p + 1; q < parts.size(); ++q) {
        if (std::ranges::find(parts[q].inputs, id) != parts[q].inputs.end()) last = q;
      }
      add(id, p, last, graph.values[id].size_bytes());
    }
    if (!parts[p].is_kernel) continue;
    const Node& node = graph.nodes[parts[p].first_node];
    for (const Shape& shape : unread_outputs({graph, node})) {
      add(kNoValue, p, p, shape.elements() * size_bytes(DataType::f32));
    }
  }
  arena.size_bytes = place(arena.blocks);
  return arena;
}

}  // namespace sectile::internal
