#include "src/analysis/footprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "src/base/integers.h"
#include "src/graph/infer.h"
#include "src/graph/operator.h"

namespace sectile {

namespace {

Ratio times(Ratio a, Ratio b) {
  const std::int64_t num = a.num * b.num;
  const std::int64_t den = a.den * b.den;
  const std::int64_t divisor = std::max<std::int64_t>(1, std::gcd(num, den));
  return {num / divisor, den / divisor};
}

// Rows per input row of every value; a NodeProblem where two inputs of one node disagree.
struct Scales {
  std::vector<std::optional<Ratio>> of_value;
  std::vector<NodeProblem> problems;
};

std::optional<Ratio> input_scale(const Graph& graph, const Node& node, const Scales& scales,
                                 bool& agree) {
  std::optional<Ratio> common;
  for (const ValueId id : node.inputs) {
    if (id == kNoValue || graph.values[id].constant || !scales.of_value[id]) continue;
    if (common && *common != *scales.of_value[id]) agree = false;
    common = scales.of_value[id];
  }
  return common;
}

// Far beyond any network, and small enough that products of positions and scales fit 64 bits.
constexpr std::int64_t kLargestScale = std::int64_t{1} << 20;

Scales derive_scales(const Graph& graph, Axis axis) {
  std::int64_t grid = 1;
  Scales scales;
  scales.of_value.resize(graph.values.size());
  scales.of_value[graph.input] = Ratio{1, 1};
  for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
    const Node& node = graph.nodes[index];
    const OperatorRule* rule = find_rule(node.op);
    bool agree = true;
    const auto in = input_scale(graph, node, scales, agree);
    if (rule == nullptr || !in) continue;
    if (!agree) {
      scales.problems.push_back(
          {index, {ErrorCode::not_exact, "its inputs have different scales against the image"}});
      continue;
    }
    const Ratio scale = times(*in, rule->scale({graph, node}, axis));
    grid = std::lcm(grid, scale.den);
    if (std::max(scale.num, grid) > kLargestScale) {
      scales.problems.push_back(
          {index, {ErrorCode::unsupported, "its scale against the image is out of range"}});
      break;
    }
    scales.of_value[node.output] = scale;
  }
  return scales;
}

std::vector<NodeProblem> find_problems(const Graph& graph) {
  std::vector<NodeProblem> problems = infer_all(graph, graph.image_size()).problems;
  if (!problems.empty()) return problems;
  for (const Axis axis : {Axis::y, Axis::x}) {
    for (auto& problem : derive_scales(graph, axis).problems)
      problems.push_back(std::move(problem));
    if (!problems.empty()) break;
  }
  return problems;
}

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

Result<std::int64_t> accepted_length(const Graph& graph, const Footprint& footprint, Axis axis,
                                     std::int64_t length) {
  const auto at = [&](std::int64_t candidate) {
    Size size = graph.image_size();
    (axis == Axis::y ? size.height : size.width) = candidate;
    return infer_shapes(graph, size);
  };
  if (at(length)) return length;
  const std::int64_t next = round_up(length, footprint.along(axis).grid);
  const auto extended = at(next);
  if (extended) return next;
  return fail(ErrorCode::invalid_argument,
              fmt::format("the network accepts neither {} {} nor {}: {}", length,
                          axis == Axis::y ? "rows" : "columns", next, extended.error().message));
}

}  // namespace

Judgement judge(const Graph& graph) {
  Judgement judgement;
  for (const NodeProblem& problem : find_problems(graph)) {
    judgement.blockers.push_back(
        {node_name(graph, problem.node), graph.nodes[problem.node].op, problem.error.message});
    const bool not_exact = problem.error.code == ErrorCode::not_exact;
    if (!not_exact) judgement.verdict = Verdict::unsupported;
    if (judgement.verdict == Verdict::exact) judgement.verdict = Verdict::not_exact;
  }
  return judgement;
}

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

namespace {

// Rows that padding at the image's edge is copied from are right in a tile that is right at an
// output step for which they are needed anyway. `required` is that of the output rows {0, 0}.
void keep_edges_together(const Graph& graph, const AxisFootprint& footprint, Axis axis,
                         const std::vector<Shape>& shapes, const std::vector<Range>& required,
                         AxisGeometry& geometry) {
  for (const Node& node : graph.nodes) {
    const OperatorRule* rule = find_rule(node.op);
    const Ratio scale = footprint.value_scale[node.output];
    if (rule->edge_rows == nullptr || scale.num == 0) continue;
    const EdgeRows rows = rule->edge_rows({graph, node}, axis);
    const ValueId image = node.inputs[0];
    const std::int64_t step = footprint.grid * scale.num / scale.den;
    const std::int64_t first_step = ceil_div(rows.first - required[image].end, step);
    const std::int64_t last_step =
        floor_div(shapes[image].length(axis) - rows.last - required[image].begin, step);
    std::int64_t& most = geometry.most_shift;
    if (rows.first > 0) most = std::min(most, geometry.keep - first_step);
    if (rows.last > 0) most = std::min(most, last_step - geometry.lead);
  }
}

}  // namespace

AxisGeometry axis_geometry(const Graph& graph, const AxisFootprint& footprint, Axis axis,
                           const std::vector<Shape>& shapes) {
  AxisGeometry geometry;
  geometry.length = shapes[graph.input].length(axis);
  geometry.grid = footprint.grid;
  geometry.output_length = shapes[graph.output].length(axis);
  geometry.output_grid = footprint.grid * footprint.scale.num / footprint.scale.den;
  geometry.keep = geometry.output_length / geometry.output_grid;
  const std::vector<Range> required = required_ranges(graph, axis, {0, 0});
  for (std::size_t id = 0; id < required.size(); ++id) {
    const Ratio scale = footprint.value_scale[id];
    if (scale.num == 0) continue;
    const std::int64_t step = footprint.grid * scale.num / scale.den;
    geometry.lead = std::max(geometry.lead, ceil_div(-required[id].begin, step));
    geometry.keep =
        std::min(geometry.keep, floor_div(shapes[id].length(axis) - required[id].end, step));
  }
  keep_edges_together(graph, footprint, axis, shapes, required, geometry);
  return geometry;
}

Result<Size> extended_size(const Graph& graph, const Footprint& footprint, Size image) {
  const auto height = accepted_length(graph, footprint, Axis::y, image.height);
  if (!height) return fail(height.error());
  const auto width = accepted_length(graph, footprint, Axis::x, image.width);
  if (!width) return fail(width.error());
  return Size{*height, *width};
}

}  // namespace sectile
