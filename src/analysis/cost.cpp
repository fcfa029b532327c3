#include "src/analysis/cost.h"

#include "src/graph/operator.h"

namespace sectile {

namespace {

// What making a transient table takes, per pointer of 8 bytes, in multiply-adds: measured with
// 3x3 convolutions of 16 to 64 channels.
constexpr double kCostPerTablePointer = 110;
constexpr double kPointerBytes = 8;

}  // namespace

double network_cost(const Graph& graph) {
  double cost = 0;
  for (const Node& node : graph.nodes) cost += find_rule(node.op)->cost({graph, node});
  return cost;
}

double table_cost(const Graph& graph) {
  double table_bytes = 0;
  for (const Node& node : graph.nodes) {
    const OperatorMemory memory = find_rule(node.op)->memory({graph, node});
    if (memory.can_be_transient) table_bytes += static_cast<double>(memory.table_bytes);
  }
  return table_bytes / kPointerBytes * kCostPerTablePointer;
}

}  // namespace sectile
