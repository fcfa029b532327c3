// A statistic at each pixel of an image: its channels are the same everywhere. XNNPACK resizes one
// pixel to as many.
#include <array>
#include <utility>

#include "src/graph/operators/common.h"
#include "src/graph/operators/families.h"
#include "src/graph/passes/spread_statistics.h"

namespace sectile::internal {
namespace {

Result<Shape> shape(const NodeView&, std::span<const Shape> inputs) {
  const auto& [image, statistic] = std::pair{inputs[0], inputs[1]};
  if (image.y < 0 || image.x < 0 || statistic.spatial()) {
    return fail(ErrorCode::unsupported, "what is as large as the image is not known of it");
  }
  return Shape{{1, image.length(Axis::y), image.length(Axis::x), statistic.dims.back()}, 1, 2};
}

OperatorMemory memory(const NodeView& view) {
  constexpr std::int64_t kBytesPerPixel = 4 * 8 + 2 * 4;  // four pointers and two weights
  const Shape& output = view.output_shape();
  return {.indirection_bytes = output.length(Axis::y) * output.length(Axis::x) * kBytesPerPixel};
}

void lower(const NodeView& view, Graph& graph) {
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
