#include "src/footprint/footprint.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "src/footprint/scales.h"
#include "src/graph/operator.h"

namespace sectile::internal {

namespace {

std::vector<bool> values_of_cone(const Graph& graph) {
  std::vector<bool> needed(graph.values.size(), false);
  needed[graph.output] = true;
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    if (!needed[node.output]) continue;
    for (const ValueId id : node.inputs) {
      if (id != kNoValue && !graph.values[id].constant) needed[id] = true;
    }
  }
  return needed;
}

std::int64_t grid_of(const std::vector<Ratio>& scales) {
  std::int64_t grid = 1;
  for (const Ratio scale : scales) grid = std::lcm(grid, scale.den);
  return grid;
}

AxisFootprint derive_axis(const Graph& graph, Axis axis) {
  const Scales scales = derive_scales(graph, axis);
  const std::vector<bool> needed = values_of_cone(graph);
  AxisFootprint footprint;
  footprint.value_scale.resize(graph.values.size(), Ratio{0, 1});
  for (std::size_t id = 0; id < graph.values.size(); ++id) {
    if (needed[id] && scales.of_value[id]) footprint.value_scale[id] = *scales.of_value[id];
  }
  footprint.grid = grid_of(footprint.value_scale);
  footprint.scale = footprint.value_scale[graph.output];
  const Range required = required_ranges(graph, axis, {0, 0})[graph.input];
  footprint.reach_before = std::max<std::int64_t>(0, -required.begin);
  footprint.reach_after = std::max<std::int64_t>(0, required.end);
  return footprint;
}

}  // namespace

Footprint derive_footprint(const Graph& graph) {
  return {derive_axis(graph, Axis::y), derive_axis(graph, Axis::x)};
}

std::vector<Range> required_ranges(const Graph& graph, Axis axis, Range output) {
  std::vector<std::optional<Range>> required(graph.values.size());
  required[graph.output] = output;
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    if (!required[node.output]) continue;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      const ValueId id = node.inputs[k];
      if (id == kNoValue || graph.values[id].constant) continue;
      const Range range = find_rule(node.op)->reach({graph, node}, k, axis, *required[node.output]);
      auto& sum = required[id];
      // Not Range::unite: begin and end are two separate bounds here.
      sum = sum ? Range{std::min(sum->begin, range.begin), std::max(sum->end, range.end)} : range;
    }
  }
  std::vector<Range> ranges;
  ranges.reserve(required.size());
  for (const auto& range : required) ranges.push_back(range.value_or(Range{}));
  return ranges;
}

}  // namespace sectile::internal
