// A statistic at each pixel of an image: its channels are the same everywhere.
#include <array>
#include <utility>
#include <vector>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/passes/data_movement.h"
#include "src/graph/passes/spread_statistics.h"

namespace sectile::internal {
namespace {

Result<Shape> shape(const NodeView&, std::span<const Shape> inputs) {
  const bool is_known =
      inputs.size() == 2 && inputs[0].y >= 0 && inputs[0].x >= 0 && !inputs[1].spatial();
  if (!is_known) {
    return fail(ErrorCode::unsupported, "what is as large as the image is not known of it");
  }
  const Shape& image = inputs[0];
  return Shape{{1, image.length(Axis::y), image.length(Axis::x), inputs[1].dims.back()}, 1, 2};
}

bool is_copied(const NodeView& view) {
  return std::holds_alternative<Sampling>(view.node.attributes);
}

OperatorMemory memory(const NodeView& view) {
  return is_copied(view) ? OperatorMemory{} : operators::bilinear_memory(view);
}

// The value so often along the dim, by few joins.
ValueId repeat(Graph& graph, ValueId one, std::size_t dim, std::int64_t count) {
  constexpr std::int64_t kAtOnce = 5;
  if (count == 1) return one;
  std::vector<ValueId> rest(static_cast<std::size_t>(count % kAtOnce), one);
  if (count >= kAtOnce) {
    const ValueId some = join(graph, std::vector<ValueId>(kAtOnce, one), dim);
    rest.push_back(repeat(graph, some, dim, count / kAtOnce));
  }
  return join(graph, std::move(rest), dim);
}

void lower_copies(const NodeView& view, Graph& graph) {
  const Shape& image = view.output_shape();
  const ValueId row = repeat(graph, view.node.inputs[1], 2, image.length(Axis::x));
  ValueId made = repeat(graph, row, 1, image.length(Axis::y));
  if (made == view.node.inputs[1]) made = reshape(graph, made, image.dims);
  finish_lowering(view, graph, made);
}

void lower(const NodeView& view, Graph& graph) {
  if (is_copied(view)) return lower_copies(view, graph);
  Node node = view.node;
  node.op = "XNNStaticResizeBilinear2D";
  node.inputs = {view.node.inputs[1]};
  graph.nodes.push_back(std::move(node));
}

constexpr std::array kRules = {
    OperatorRule{.op = kSpread,
                 .shape = shape,
                 .reach = operators::same_range,
                 .scale = operators::unit_scale,
                 .cost = operators::one_per_element,
                 .memory = memory,
                 .crop = {operators::exact_part<operators::same_range>},
                 .flags = operators::kAlignCorners,
                 .limits = "not XNNPACK's: a statistic of the whole image brought to its size",
                 .lower = lower,
                 .types = operators::floats_alone}};
}  // namespace

std::span<const OperatorRule> spread_statistic_rules() { return kRules; }

}  // namespace sectile::internal
