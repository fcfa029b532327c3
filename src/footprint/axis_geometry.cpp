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

struct Doubt {
  std::size_t node = 0;
  LengthDoubt of;
};

// What the file does not say of images with those shapes; nothing that is known where all numbers
// are fixed.
std::optional<Doubt> doubt_of(const Graph& graph, const Footprint& footprint,
                              const std::vector<Shape>& shapes) {
  for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
    const Node& node = graph.nodes[index];
    const OperatorRule* rule = find_rule(node.op);
    if (rule->length_doubt == nullptr) continue;
    for (const Axis axis : {Axis::y, Axis::x}) {
      if (shapes[node.inputs[0]].dim_of(axis) < 0) continue;
      const std::int64_t more =
          shapes[graph.input].length(axis) - graph.shape(graph.input).length(axis);
      const OtherImage image{shapes, more % footprint.along(axis).grid == 0};
      const auto doubt = rule->length_doubt({graph, node}, axis, image);
      if (doubt && !(doubt->is_of_numbers && footprint.fixed_sizes)) return Doubt{index, *doubt};
    }
  }
  return {};
}

std::string advice(const Graph& graph, const Footprint& footprint, Size image,
                   const LengthDoubt& doubt) {
  std::string advice = fmt::format("export the program at {}", to_string(image));
  const Size next = next_by_whole_steps(graph, footprint, image);
  const auto shapes = infer_shapes(graph, next);
  if (next != image && shapes && !doubt_of(graph, footprint, *shapes)) {
    advice += fmt::format(", or pad the image to {}", to_string(next));
  }
  if (doubt.is_of_numbers) {
    advice += ", or say that its numbers are fixed with --fixed-sizes (OpenOptions::fixed_sizes)";
  }
  return advice;
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

Size next_by_whole_steps(const Graph& graph, const Footprint& footprint, Size image) {
  const Size exported = graph.image_size();
  return {exported.height + round_up(image.height - exported.height, footprint.y.grid),
          exported.width + round_up(image.width - exported.width, footprint.x.grid)};
}

Status check_size(const Graph& graph, const Footprint& footprint, Size image) {
  const auto shapes = infer_shapes(graph, image);
  if (!shapes) return fail(shapes.error());
  const auto doubt = doubt_of(graph, footprint, *shapes);
  if (!doubt) return {};
  return fail(ErrorCode::unsupported,
              fmt::format("{} at {}: {}: {}", node_name(graph, doubt->node), to_string(image),
                          doubt->of.why, advice(graph, footprint, image, doubt->of)));
}

}  // namespace sectile::internal
