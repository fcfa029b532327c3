#include "src/cost/exported_memory.h"

#include <algorithm>

#include "src/graph/operator.h"
#include "src/graph/types.h"

namespace sectile::internal {

namespace {

// Inside a delegate images are row-major, as all operators with tables take them.
void mark_images(Graph& graph) {
  for (Value& value : graph.values) {
    if (value.constant || value.shape.dims.size() != 4) continue;
    value.shape.y = 1;
    value.shape.x = 2;
  }
}

// XNNPACK is not to be given scales that it trips over; those of operators without a rule are not
// known. What depends on the whole image is no hindrance here.
Status check_scales(const Graph& graph, const Node& node) {
  if (const OperatorRule* rule = find_rule(node.op)) {
    const auto status = check_types({graph, node}, *rule);
    return status || status.error().code == ErrorCode::not_exact ? Status{} : status;
  }
  const auto is_integer = [&](ValueId id) {
    return id != kNoValue && graph.values[id].type == DataType::i8;
  };
  if (!is_integer(node.output) && std::ranges::none_of(node.inputs, is_integer)) return {};
  return fail(ErrorCode::unsupported, "Sectile has no rule for this operator on integers");
}

// Whether the memory rule of its operator can be asked: it takes for granted what the shape rule
// checks. Errors: corrupt, unsupported.
Result<bool> follows_its_rule(const Graph& graph, const Node& node) {
  if (auto status = check_scales(graph, node); !status) return fail(status.error());
  const OperatorRule* rule = find_rule(node.op);
  if (rule == nullptr) return false;
  std::vector<Shape> inputs;
  for (const ValueId id : node.inputs) {
    inputs.push_back(id == kNoValue ? Shape{} : graph.shape(id));
  }
  const auto shape = rule->shape({graph, node}, inputs);
  if (!shape && shape.error().code == ErrorCode::corrupt) return fail(shape.error());
  return shape && shape->dims == graph.shape(node.output).dims;
}

Result<Graph> prepared(Graph graph) {
  mark_images(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto follows = follows_its_rule(graph, graph.nodes[i]);
    if (!follows) {
      return fail(follows.error().code, node_name(graph, i) + ": " + follows.error().message);
    }
    if (!*follows) graph.nodes[i].op.clear();
  }
  return graph;
}

}  // namespace

Result<SessionMemory> exported_memory(const std::vector<Graph>& delegates) {
  SessionMemory sum;
  for (const Graph& delegate : delegates) {
    const auto graph = prepared(delegate);
    if (!graph) return fail(graph.error());
    const SessionMemory memory = session_memory(*graph);
    sum.weight_bytes += memory.weight_bytes;
    sum.indirection_bytes += memory.indirection_bytes;
    sum.workspace_bytes = std::max(sum.workspace_bytes, memory.workspace_bytes);
  }
  return sum;
}

}  // namespace sectile::internal
