#include "src/footprint/axis_geometry.h"

#include <fmt/format.h>

#include <algorithm>

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
  return fail(ErrorCode::invalid_argument,
              fmt::format("the network accepts neither {} {} nor {}: {}", length,
                          axis == Axis::y ? "rows" : "columns", next, extended.error().message));
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

// Images that differ from the exported one by whole grid steps leave as many rows as it did: none.
std::unexpected<Error> refuse_doubt(const Graph& graph, std::size_t node, Axis axis,
                                    std::int64_t rows, std::int64_t left, Size image) {
  const char* name = axis == Axis::y ? "rows" : "columns";
  return fail(
      ErrorCode::unsupported,
      fmt::format("{} at {}: its windows leave {} of {} {}, and none as it was exported, so "
                  "the program does not say whether they are left out or taken "
                  "(ceil_mode): export it at {}, where it does, or leave them out with "
                  "--fixed-sizes (OpenOptions::fixed_sizes)",
                  node_name(graph, node), to_string(image), left, rows, name, to_string(image)));
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
    const Node& node = graph.nodes[index];
    const OperatorRule* rule = find_rule(node.op);
    if (rule->rows_in_doubt == nullptr) continue;
    for (const Axis axis : {Axis::y, Axis::x}) {
      const std::int64_t rows = (*shapes)[node.inputs[0]].length(axis);
      const std::int64_t left = rule->rows_in_doubt({graph, node}, axis, rows);
      if (left > 0) return refuse_doubt(graph, index, axis, rows, left, image);
    }
  }
  return {};
}

}  // namespace sectile::internal
