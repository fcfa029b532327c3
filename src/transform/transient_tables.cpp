#include "src/transform/transient_tables.h"

#include "src/graph/operator.h"

namespace sectile::internal {

Graph with_transient_tables(const Graph& graph) {
  Graph transient_tables = graph;
  for (Node& node : transient_tables.nodes) {
    const NodeView view{graph, node};
    if (find_rule(node.op)->memory(view).can_be_transient) node.flags |= kTransientTable;
  }
  return transient_tables;
}

}  // namespace sectile::internal
