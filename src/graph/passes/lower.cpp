#include "src/graph/passes/lower.h"

#include <algorithm>

#include "src/graph/operator.h"

namespace sectile::internal {

bool needs_lowering(const Graph& graph) {
  return std::ranges::any_of(graph.nodes, [](const Node& node) {
    const OperatorRule* rule = find_rule(node.op);
    return rule != nullptr && rule->lower != nullptr;
  });
}

Graph lowered(const Graph& graph) {
  Graph out = graph;
  out.nodes.clear();
  for (const Node& node : graph.nodes) {
    const OperatorRule* rule = find_rule(node.op);
    if (rule->lower != nullptr) {
      rule->lower({graph, node}, out);
    } else {
      out.nodes.push_back(node);
    }
  }
  return out;
}

}  // namespace sectile::internal
