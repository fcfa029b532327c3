#include "src/footprint/scales.h"

#include <algorithm>
#include <numeric>

#include "src/graph/operator.h"

namespace sectile::internal {

namespace {

Ratio times(Ratio a, Ratio b) {
  const std::int64_t num = a.num * b.num;
  const std::int64_t den = a.den * b.den;
  const std::int64_t divisor = std::max<std::int64_t>(1, std::gcd(num, den));
  return {num / divisor, den / divisor};
}

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

}  // namespace

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
    if (rule == nullptr || !in || !graph.shape(node.output).spatial()) continue;
    if (!agree) {
      scales.problems.push_back(
          {index,
           {ErrorCode::not_exact, "its inputs have different scales against the image"},
           BlockerReason::different_scales});
      continue;
    }
    const Ratio scale = times(*in, rule->scale({graph, node}, axis));
    grid = std::lcm(grid, scale.den);
    if (std::max(scale.num, grid) > kLargestScale) {
      scales.problems.push_back(
          {index,
           {ErrorCode::unsupported, "its scale against the image is out of range"},
           BlockerReason::other});
      break;
    }
    scales.of_value[node.output] = scale;
  }
  return scales;
}

}  // namespace sectile::internal
