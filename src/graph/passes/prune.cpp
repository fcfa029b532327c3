#include "src/graph/passes/prune.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace sectile::internal {

namespace {

std::vector<bool> needed_values(const Graph& graph, std::span<const ValueId> kept) {
  std::vector<bool> needed(graph.values.size(), false);
  for (const ValueId id : graph.all_outputs()) needed[id] = true;
  for (const ValueId id : kept) needed[id] = true;
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    if (!needed[node.output]) continue;
    for (const ValueId id : node.inputs) {
      if (id != kNoValue) needed[id] = true;
    }
  }
  for (const ValueId id : graph.all_inputs()) needed[id] = true;
  return needed;
}

}  // namespace

Pruned prune(const Graph& graph, std::span<const ValueId> kept) {
  const std::vector<bool> needed = needed_values(graph, kept);
  Graph out = graph;
  out.values.clear();
  std::vector<ValueId> moved(graph.values.size(), kNoValue);
  for (ValueId id = 0; id < graph.values.size(); ++id) {
    if (!needed[id]) continue;
    moved[id] = static_cast<ValueId>(out.values.size());
    out.values.push_back(graph.values[id]);
  }
  std::erase_if(out.nodes, [&](const Node& node) { return !needed[node.output]; });
  const auto move = [&](ValueId& id) { id = id == kNoValue ? kNoValue : moved[id]; };
  for (Node& node : out.nodes) {
    std::ranges::for_each(node.inputs, move);
    move(node.output);
  }
  move(out.input);
  move(out.output);
  std::ranges::for_each(out.extra_inputs, move);
  std::ranges::for_each(out.extra_outputs, move);
  return {std::move(out), std::move(moved)};
}

}  // namespace sectile::internal
