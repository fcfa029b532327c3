#include "src/cost/time.h"

#include <algorithm>

#include "src/base/system.h"
#include "src/graph/operator.h"

namespace sectile::internal {

namespace {

// What making a transient table takes, per pointer of 8 bytes, in multiply-adds: measured with
// 3x3 convolutions of 16 to 64 channels.
constexpr double kCostPerTablePointer = 110;
constexpr double kPointerBytes = 8;

// What a byte takes, in multiply-adds, that is copied or does not stay in a core's cache from one
// node to the next. Measured with streams of 2 to 16 rows a step and caches of 1 and 2 MiB.
constexpr double kCostPerByte = 2.5;

double image_bytes(const Graph& graph, ValueId id) {
  if (id == kNoValue || !graph.shape(id).spatial()) return 0;
  const Value& value = graph.values[id];
  return static_cast<double>(value.shape.elements() * size_bytes(value.type));
}

}  // namespace

double network_cost(const Graph& graph) {
  double cost = 0;
  for (const Node& node : graph.nodes) cost += find_rule(node.op)->cost({graph, node});
  return cost;
}

double traffic_cost(const Graph& graph) {
  const auto cached_bytes = static_cast<double>(core_cache_bytes());
  double bytes = 0;
  for (const Node& node : graph.nodes) {
    double node_bytes = image_bytes(graph, node.output);
    for (const ValueId id : node.inputs) node_bytes += image_bytes(graph, id);
    bytes += std::max(0.0, node_bytes - cached_bytes);
  }
  return copying_cost(bytes);
}

double copying_cost(double bytes) { return bytes * kCostPerByte; }

double indirection_cost(const Graph& graph) {
  double indirection_bytes = 0;
  for (const Node& node : graph.nodes) {
    const OperatorMemory memory = find_rule(node.op)->memory({graph, node});
    if (memory.can_be_transient) indirection_bytes += static_cast<double>(memory.indirection_bytes);
  }
  return indirection_bytes / kPointerBytes * kCostPerTablePointer;
}

}  // namespace sectile::internal
