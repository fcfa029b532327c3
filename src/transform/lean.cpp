#include "src/transform/lean.h"

#include "src/graph/operator.h"

namespace sectile {

Graph make_lean(const Graph& graph) {
  Graph lean = graph;
  for (Node& node : lean.nodes) {
    const NodeView view{graph, node};
    if (find_rule(node.op)->memory(view).can_be_transient) node.flags |= kTransientTable;
  }
  return lean;
}

}  // namespace sectile
