#include "src/footprint/footprint.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "src/footprint/scales.h"
#include "src/graph/operator.h"
#include "src/graph/passes/stages.h"

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

// The least multiple of `grid` by which every node that repeats moves on by whole repetitions.
std::int64_t with_periods(const Graph& graph, Axis axis, const std::vector<Ratio>& scales,
                          std::int64_t grid) {
  for (const Node& node : graph.nodes) {
    const Ratio scale = scales[node.output];
    const OperatorRule* rule = find_rule(node.op);
    if (scale.num == 0 || rule->period == nullptr) continue;
    const std::int64_t period = rule->period({graph, node}, axis);
    grid = std::lcm(grid, period / std::gcd(period, scale.num) * scale.den);
  }
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
  footprint.grid = with_periods(graph, axis, footprint.value_scale, grid_of(footprint.value_scale));
  footprint.scale = footprint.value_scale[graph.output];
  const Range required = required_ranges(graph, axis, {0, 0})[graph.input];
  footprint.reach_before = std::max<std::int64_t>(0, -required.begin);
  footprint.reach_after = std::max<std::int64_t>(0, required.end);
  return footprint;
}

// For every value the rows that the output rows `output` are computed from, where a node computes
// `rows` from taken(node, input, rows) of an input; nothing stands for none.
template <typename Taken>
std::vector<std::optional<Range>> ranges_behind(const Graph& graph, Range output, Taken taken) {
  std::vector<std::optional<Range>> behind(graph.values.size());
  behind[graph.output] = output;
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    if (!behind[node.output]) continue;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      const ValueId id = node.inputs[k];
      if (id == kNoValue || !graph.shape(id).spatial()) continue;
      const std::optional<Range> range = taken(node, k, *behind[node.output]);
      auto& sum = behind[id];
      if (!range) continue;
      // Not Range::unite: begin and end are two separate bounds here.
      sum = sum ? Range{std::min(sum->begin, range->begin), std::max(sum->end, range->end)} : range;
    }
  }
  return behind;
}

// The rows of a node's input that some of its output is computed from, within the image; nothing
// for none.
std::optional<Range> range_within(const Graph& graph, const Node& node, std::size_t input,
                                  Axis axis, Range output) {
  const OperatorRule* rule = find_rule(node.op);
  const Range reached = rule->reach({graph, node}, input, axis, output);
  Range range = reached.intersect({0, graph.shape(node.inputs[input]).length(axis)});
  if (rule->copied_rows != nullptr) {
    range = range.unite(rule->copied_rows({graph, node}, axis, reached));
  }
  if (range.empty()) return std::nullopt;
  return range;
}

}  // namespace

Footprint derive_footprint(const Graph& graph) {
  return {derive_axis(graph, Axis::y), derive_axis(graph, Axis::x)};
}

std::vector<Range> required_ranges(const Graph& graph, Axis axis, Range output) {
  const auto required =
      ranges_behind(graph, output, [&](const Node& node, std::size_t input, Range made) {
        return find_rule(node.op)->reach({graph, node}, input, axis, made);
      });
  std::vector<Range> ranges;
  ranges.reserve(required.size());
  for (const auto& range : required) ranges.push_back(range.value_or(Range{}));
  return ranges;
}

Range image_range(const Graph& graph, Axis axis, Range output) {
  if (takes_statistics(graph)) return {0, graph.input_shape().length(axis)};
  const auto ranges =
      ranges_behind(graph, output, [&](const Node& node, std::size_t input, Range made) {
        return range_within(graph, node, input, axis, made);
      });
  return ranges[graph.input].value_or(Range{});
}

}  // namespace sectile::internal
