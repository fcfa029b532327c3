// A multiplication by numbers that come again and again along the image's rows or columns: the
// weights of bicubic resizing. In the programs that Sectile writes it is XNNPACK's, by as many
// numbers as there are rows.
#include <array>
#include <utility>

#include "src/base/integers.h"
#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/passes/data_movement.h"

namespace sectile::internal {
namespace {

bool runs_along(const NodeView& view, Axis axis) {
  return view.output_shape().dim_of(axis) == view.attributes<PeriodicFactor>().dim;
}

Result<Shape> shape(const NodeView& view, std::span<const Shape> inputs) {
  const auto& factor = view.attributes<PeriodicFactor>();
  const int dim = static_cast<int>(factor.dim);
  if (factor.numbers.empty() || (dim != inputs[0].y && dim != inputs[0].x)) {
    return fail(ErrorCode::unsupported, "it multiplies by numbers that vary over other dims");
  }
  return inputs[0];
}

std::int64_t period(const NodeView& view, Axis axis) {
  return runs_along(view, axis) ? std::ssize(view.attributes<PeriodicFactor>().numbers) : 1;
}

void crop_node(const NodeView& view, Axis axis, const Crop& crop, Node& node) {
  if (!runs_along(view, axis)) return;
  auto& factor = std::get<PeriodicFactor>(node.attributes);
  const std::int64_t first = std::max<std::int64_t>(crop.output.begin, 0);
  factor.first = floor_mod(first, std::ssize(factor.numbers));
}

void reorder(Node& node, std::span<const std::int64_t> order) {
  auto& factor = std::get<PeriodicFactor>(node.attributes);
  factor.dim = std::ranges::find(order, factor.dim) - order.begin();
}

void lower(const NodeView& view, Graph& graph) {
  const auto& factor = view.attributes<PeriodicFactor>();
  const std::vector<std::int64_t>& dims = view.output_shape().dims;
  const auto dim = static_cast<std::size_t>(factor.dim);
  std::vector<float> numbers;
  for (std::int64_t row = 0; row < dims[dim]; ++row) {
    const auto place = static_cast<std::size_t>((factor.first + row) % std::ssize(factor.numbers));
    numbers.push_back(factor.numbers[place]);
  }
  std::vector<std::int64_t> along_dim(dims.size(), 1);
  along_dim[dim] = dims[dim];
  Node node = view.node;
  node.op = "XNNMultiply";
  node.inputs = {view.node.inputs[0], add_numbers(graph, std::move(along_dim), numbers)};
  node.attributes = {};
  graph.nodes.push_back(std::move(node));
}

constexpr std::array kRules = {
    OperatorRule{.op = "PeriodicFactor",
                 .shape = shape,
                 .reach = operators::same_range,
                 .scale = operators::unit_scale,
                 .cost = operators::one_per_element,
                 .memory = operators::no_memory,
                 .crop = {operators::exact_part<operators::same_range>, crop_node},
                 .period = period,
                 .limits = "not XNNPACK's: the weights of bicubic resizing",
                 .lower = lower,
                 .types = operators::floats_alone,
                 .reorder = reorder}};
}  // namespace

std::span<const OperatorRule> periodic_factor_rules() { return kRules; }

}  // namespace sectile::internal
