#include "src/graph/passes/spread_statistics.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "src/graph/operator.h"

namespace sectile::internal {

namespace {

// What is made of constants and statistics alone.
std::vector<bool> find_statistics(const Graph& graph) {
  std::vector<bool> is_constant(graph.values.size(), false);
  std::vector<bool> is_statistic(graph.values.size(), false);
  for (std::size_t id = 0; id < graph.values.size(); ++id) {
    is_constant[id] = graph.values[id].constant.has_value();
  }
  for (const Node& node : graph.nodes) {
    const OperatorRule* rule = find_rule(node.op);
    const auto is_known = [&](ValueId id) {
      return id == kNoValue || is_constant[id] || is_statistic[id];
    };
    const auto comes_from_one = [&](ValueId id) { return id != kNoValue && is_statistic[id]; };
    const bool all_known = std::ranges::all_of(node.inputs, is_known);
    const bool is_one = rule != nullptr && rule->statistic != Statistic::none;
    is_statistic[node.output] =
        is_one || (all_known && std::ranges::any_of(node.inputs, comes_from_one));
    is_constant[node.output] = all_known && !is_statistic[node.output];
  }
  return is_statistic;
}

// Whether one of them can be the other's rows and columns: they differ in one dim at most.
bool fit_each_other(const Shape& a, const Shape& b) {
  if (a.dims.size() != b.dims.size()) return false;
  int different = 0;
  for (std::size_t i = 0; i < a.dims.size(); ++i) different += a.dims[i] != b.dims[i] ? 1 : 0;
  return different <= 1;
}

// What the first node that joins `spread` with an image takes beside it. Nodes that take `spread`
// alone are looked through.
ValueId find_reference(const Graph& graph, ValueId spread, const std::vector<bool>& is_statistic) {
  std::vector<ValueId> same{spread};
  const auto is_same = [&](ValueId id) { return std::ranges::find(same, id) != same.end(); };
  for (const Node& node : graph.nodes) {
    const auto from = std::ranges::find_if(node.inputs, is_same);
    if (from == node.inputs.end()) continue;
    for (const ValueId id : node.inputs) {
      const bool is_image = id != kNoValue && !graph.values[id].constant && !is_statistic[id];
      if (is_image && fit_each_other(graph.shape(id), graph.shape(*from))) return id;
    }
    same.push_back(node.output);
  }
  return kNoValue;
}

bool is_line(const Shape& shape) {
  return shape.dims.size() == 4 && shape.elements() == shape.dims[3];
}

// In an order in which they can run, close to that in which they stand.
std::vector<Node> in_order(const Graph& graph) {
  std::vector<bool> is_there(graph.values.size(), true);
  for (const Node& node : graph.nodes) is_there[node.output] = false;
  std::vector<Node> waiting = graph.nodes;
  std::vector<Node> sorted;
  while (!waiting.empty()) {
    std::vector<Node> later;
    for (Node& node : waiting) {
      const bool is_ready = std::ranges::all_of(
          node.inputs, [&](ValueId id) { return id == kNoValue || is_there[id]; });
      if (is_ready) is_there[node.output] = true;
      (is_ready ? sorted : later).push_back(std::move(node));
    }
    if (later.size() == waiting.size()) return graph.nodes;  // a damaged program
    waiting = std::move(later);
  }
  return sorted;
}

}  // namespace

Graph spread_statistics(Graph graph) {
  const std::vector<bool> is_statistic = find_statistics(graph);
  bool is_changed = false;
  for (Node& node : graph.nodes) {
    if (node.op != "XNNStaticResizeBilinear2D" || !is_statistic[node.inputs[0]] ||
        !is_line(graph.shape(node.inputs[0]))) {
      continue;
    }
    const ValueId reference = find_reference(graph, node.output, is_statistic);
    if (reference == kNoValue) continue;
    node.op = kSpread;
    node.inputs = {reference, node.inputs[0]};
    is_changed = true;
  }
  if (is_changed) graph.nodes = in_order(graph);
  return graph;
}

}  // namespace sectile::internal
