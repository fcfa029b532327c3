#include "src/footprint/axis_geometry.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "src/base/integers.h"
#include "src/graph/infer.h"
#include "src/graph/operator.h"

namespace sectile::internal {

namespace {

Result<std::int64_t> accepted_length(const Graph& graph, const Footprint& footprint, Axis axis,
                                     std::int64_t length) {
  const auto at = [&](std::int64_t candidate) {
    Size size = graph.image_size();
    (axis == Axis::y ? size.height : size.width) = candidate;
    return infer_shapes(graph, size);
  };
  const auto own = at(length);
  if (own) return length;
  if (own.error().code != ErrorCode::invalid_argument) return fail(own.error());
  const std::int64_t next = round_up(length, footprint.along(axis).grid);
  const auto extended = at(next);
  if (extended) return next;
  const char* rows = axis == Axis::y ? "rows" : "columns";
  const std::string lengths = next == length
                                  ? fmt::format("does not accept {} {}", length, rows)
                                  : fmt::format("accepts neither {} {} nor {}", length, rows, next);
  return fail(ErrorCode::invalid_argument,
              fmt::format("the network {}: {}", lengths, extended.error().message));
}

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

// What the file does not say of the node's input at those shapes.
std::optional<std::string> doubt_of(const Graph& graph, const Node& node,
                                    const Footprint& footprint, const std::vector<Shape>& shapes) {
  const OperatorRule* rule = find_rule(node.op);
  if (rule->length_doubt == nullptr) return {};
  const ValueId input = node.inputs[0];
  for (const Axis axis : {Axis::y, Axis::x}) {
    if (shapes[input].dim_of(axis) < 0) continue;
    const std::int64_t more =
        shapes[graph.input].length(axis) - graph.shape(graph.input).length(axis);
    const bool by_whole_steps = more % footprint.along(axis).grid == 0;
    auto doubt =
        rule->length_doubt({graph, node}, axis, shapes[input].length(axis), by_whole_steps);
    if (doubt) return doubt;
  }
  return {};
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
  const Size extended{*height, *width};
  if (auto status = check_size(graph, footprint, extended); !status) return fail(status.error());
  return extended;
}

Status check_size(const Graph& graph, const Footprint& footprint, Size image) {
  const auto shapes = infer_shapes(graph, image);
  if (!shapes) return fail(shapes.error());
  if (footprint.fixed_sizes) return {};
  for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
    const auto doubt = doubt_of(graph, graph.nodes[index], footprint, *shapes);
    if (!doubt) continue;
    return fail(ErrorCode::unsupported,
                fmt::format("{} at {}: {}: export the program at {}, or say that its numbers are "
                            "fixed with --fixed-sizes (OpenOptions::fixed_sizes)",
                            node_name(graph, index), to_string(image), *doubt, to_string(image)));
  }
  return {};
}

}  // namespace sectile::internal
