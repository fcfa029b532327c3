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
  if (inputs.size() != 2) {
    return fail(ErrorCode::unsupported, "what is as large as the image is not known of it");
  }
  const auto& [image, statistic] = std::pair{inputs[0], inputs[1]};
  if (image.y < 0 || image.x < 0 || statistic.spatial()) {
    return fail(ErrorCode::unsupported, "what is as large as the image is not known of it");
  }
  return Shape{{1, image.length(Axis::y), image.length(Axis::x), statistic.dims.back()}, 1, 2};
}

bool is_copied(const NodeView& view) {
  return std::holds_alternative<Sampling>(view.node.attributes);
}

OperatorMemory memory(const NodeView& view) {
  if (is_copied(view)) return {};
  constexpr std::int64_t kBytesPerPixel = 4 * 8 + 2 * 4;  // four pointers and two weights
  const Shape& output = view.output_shape();
  return {.indirection_bytes = output.length(Axis::y) * output.length(Axis::x) * kBytesPerPixel};
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
  graph.nodes.back().output = view.node.output;
  graph.values.pop_back();
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
                 .flags = 0x8,
                 .limits = "not XNNPACK's: a statistic of the whole image brought to its size",
                 .lower = lower,
                 .types = operators::floats_alone}};
}  // namespace

std::span<const OperatorRule> spread_statistic_rules() { return kRules; }

}  // namespace sectile::internal
