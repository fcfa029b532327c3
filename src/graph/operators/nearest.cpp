// Nearest upsampling by whole factors: every row and column several times. XNNPACK has no such
// operator; it is data movement, which reshapes and concatenations do exactly.
#include <fmt/format.h>

#include <array>

#include "src/base/integers.h"
#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/passes/data_movement.h"

namespace sectile::internal {
namespace {
constexpr std::int64_t kLargestFactor = 1 << 10;
constexpr std::array kAxes = {Axis::y, Axis::x};

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  Shape out = inputs[0];
  for (const Axis axis : kAxes) {
    const std::int64_t factor = view.attributes<Nearest>().along(axis);
    if (factor < 1 || factor > kLargestFactor) {
      return fail(ErrorCode::corrupt, fmt::format("it repeats rows or columns {} times", factor));
    }
    if (out.dim_of(axis) < 0) {
      return fail(ErrorCode::unsupported, "its input is not an image of rows and columns");
    }
    out.dims[static_cast<std::size_t>(out.dim_of(axis))] *= factor;
  }
  return out;
}

Range reach(const NodeView& view, std::size_t, Axis axis, Range output) {
  const std::int64_t factor = view.attributes<Nearest>().along(axis);
  return {floor_div(output.begin, factor), floor_div(output.end - 1, factor) + 1};
}

Ratio scale(const NodeView& view, Axis axis) { return {view.attributes<Nearest>().along(axis), 1}; }

// All rows that the input rows become.
Crop part_ranges(const NodeView& view, Axis axis, Range output) {
  const std::int64_t factor = view.attributes<Nearest>().along(axis);
  const Range input = reach(view, 0, axis, output);
  return {input, {input.begin * factor, input.end * factor}};
}

// Columns before rows: the smaller values are then copied twice.
void lower(const NodeView& view, Graph& graph) {
  ValueId id = view.node.inputs[0];
  for (const Axis axis : {Axis::x, Axis::y}) {
    const std::int64_t factor = view.attributes<Nearest>().along(axis);
    if (factor == 1) continue;
    const auto dim = view.output_shape().dim_of(axis);
    std::vector<std::int64_t> dims = graph.shape(id).dims;
    std::vector<std::int64_t> apart = dims;
    apart.insert(apart.begin() + dim + 1, 1);
    const ValueId row = reshape(graph, id, std::move(apart));
    std::vector<ValueId> rows(static_cast<std::size_t>(factor), row);
    dims[static_cast<std::size_t>(dim)] *= factor;
    id = join(graph, std::move(rows), static_cast<std::size_t>(dim) + 1);
    id = reshape(graph, id, std::move(dims));
  }
  finish_lowering(view, graph, id);
}

double cost(const NodeView& view) {
  return 3.0 * static_cast<double>(view.output_shape().elements());
}

constexpr std::array kRules = {OperatorRule{.op = "Nearest",
                                            .shape = shape,
                                            .reach = reach,
                                            .scale = scale,
                                            .cost = cost,
                                            .memory = operators::no_memory,
                                            .crop = {part_ranges},
                                            .limits = "by whole factors; not XNNPACK's: nearest "
                                                      "upsampling between delegates",
                                            .size_doubt = operators::resize_size_doubt,
                                            .lower = lower}};
}  // namespace

std::span<const OperatorRule> nearest_rules() { return kRules; }

}  // namespace sectile::internal
