#include "src/footprint/exported_size.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "src/graph/operator.h"

namespace sectile::internal {

namespace {

// The count's name when the number is it, or one divided by it.
std::string count_in(float number, const Shape& shape) {
  constexpr std::int64_t kLeast = 16;  // smaller numbers are too common
  const std::int64_t rows = shape.length(Axis::y);
  const std::int64_t columns = shape.length(Axis::x);
  const std::array<std::pair<std::int64_t, const char*>, 3> counts{
      {{rows * columns, "pixels"}, {rows, "rows"}, {columns, "columns"}}};
  for (const auto& [count, name] : counts) {
    const auto exact = static_cast<double>(count);
    if (count < kLeast) continue;
    if (number == static_cast<float>(exact)) return fmt::format("{} {}", count, name);
    if (number == static_cast<float>(1 / exact)) return fmt::format("1 / {} {}", count, name);
  }
  return {};
}

// Sums of two values do not depend on how many pixels there are; their scaling may.
std::optional<SizeDoubt> scaling_doubt(const Graph& graph, const Node& node,
                                       std::span<const std::byte> file) {
  constexpr std::array kScaling = {"XNNMultiply", "XNNDiv", "aten::mul.out", "aten::div.out"};
  if (std::ranges::find(kScaling, node.op) == kScaling.end()) return {};
  for (const ValueId id : node.inputs) {
    if (id == kNoValue) continue;
    const auto number = number_of(graph.values[id], file);
    if (!number) continue;
    for (const Shape& shape : {graph.input_shape(), graph.shape(node.output)}) {
      const std::string count = count_in(*number, shape);
      if (!count.empty()) {
        return SizeDoubt{fmt::format(
            "it scales by {}, which may be fixed, or {} as it was exported", *number, count)};
      }
    }
  }
  return {};
}

std::optional<SizeDoubt> doubt_of(const Graph& graph, const Node& node,
                                  std::span<const std::byte> file) {
  const OperatorRule* rule = find_rule(node.op);
  const Shape& out = graph.shape(node.output);
  for (const Axis axis : {Axis::y, Axis::x}) {
    const bool known = !node.inputs.empty() && node.inputs[0] != kNoValue &&
                       graph.shape(node.inputs[0]).dim_of(axis) >= 0 && out.dim_of(axis) >= 0;
    if (!known || rule == nullptr || rule->size_doubt == nullptr) continue;
    if (auto doubt = rule->size_doubt({graph, node}, axis)) return doubt;
  }
  return scaling_doubt(graph, node, file);
}

bool is_after(const Node& node, const std::vector<bool>& after) {
  return std::ranges::any_of(node.inputs, [&](ValueId id) { return id != kNoValue && after[id]; });
}

}  // namespace

std::vector<NodeProblem> find_size_doubts(const Graph& graph, std::span<const std::byte> file) {
  std::vector<NodeProblem> problems;
  std::vector<bool> after(graph.values.size(), false);
  for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
    const Node& node = graph.nodes[index];
    after[node.output] = is_after(node, after);
    if (after[node.output]) continue;
    auto doubt = doubt_of(graph, node, file);
    if (!doubt) continue;
    after[node.output] = true;
    const bool is_doubt = doubt->reason == BlockerReason::exported_size;
    const ErrorCode code = is_doubt ? ErrorCode::unsupported : ErrorCode::not_exact;
    problems.push_back({index, {code, std::move(doubt->why)}, doubt->reason});
  }
  return problems;
}

std::vector<bool> values_after(const Graph& graph, const std::vector<NodeProblem>& problems) {
  std::vector<bool> after(graph.values.size(), false);
  for (const NodeProblem& problem : problems) after[graph.nodes[problem.node].output] = true;
  for (const Node& node : graph.nodes) {
    if (is_after(node, after)) after[node.output] = true;
  }
  return after;
}

}  // namespace sectile::internal
