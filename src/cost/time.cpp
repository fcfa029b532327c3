#include "src/cost/time.h"

#include <algorithm>

#include "src/base/system.h"
#include "src/cost/machine_model.h"
#include "src/graph/operator.h"

namespace sectile::internal {

namespace {

double image_bytes(const Graph& graph, ValueId id) {
  if (id == kNoValue || !graph.shape(id).spatial()) return 0;
  const Value& value = graph.values[id];
  return static_cast<double>(value.shape.elements() * size_bytes(value.type));
}

}  // namespace

double network_work(const Graph& graph) {
  double work = 0;
  for (const Node& node : graph.nodes) work += find_rule(node.op)->cost({graph, node});
  return work;
}

double traffic_seconds(const Graph& graph) {
  const auto cached_bytes = static_cast<double>(core_cache_bytes());
  double bytes = 0;
  for (const Node& node : graph.nodes) {
    double node_bytes = image_bytes(graph, node.output);
    for (const ValueId id : node.inputs) node_bytes += image_bytes(graph, id);
    bytes += std::max(0.0, node_bytes - cached_bytes);
  }
  return copying_seconds(bytes);
}

double copying_seconds(double bytes) { return bytes * kTimeModel.seconds_per_copied_byte; }

double indirection_seconds(const Graph& graph) {
  constexpr double kPointerBytes = 8;
  double indirection_bytes = 0;
  for (const Node& node : graph.nodes) {
    const OperatorMemory memory = find_rule(node.op)->memory({graph, node});
    if (memory.can_be_transient) indirection_bytes += static_cast<double>(memory.indirection_bytes);
  }
  return indirection_bytes / kPointerBytes * kTimeModel.seconds_per_table_pointer;
}

}  // namespace sectile::internal
