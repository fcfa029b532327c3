#include "src/footprint/tileability.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "src/footprint/exported_size.h"
#include "src/footprint/scales.h"
#include "src/graph/infer.h"

namespace sectile::internal {

namespace {

// What comes after another problem is no problem of its own.
void add_first_causes(const Graph& graph, std::vector<NodeProblem> found,
                      std::vector<NodeProblem>& problems) {
  const std::vector<bool> after = values_after(graph, problems);
  for (NodeProblem& problem : found) {
    if (!after[graph.nodes[problem.node].output]) problems.push_back(std::move(problem));
  }
}

// The axes of every value stand in the graph since it was read.
std::optional<NodeProblem> other_shape(const Graph& graph, const Inference& inference) {
  for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
    const ValueId made = graph.nodes[index].output;
    if (inference.shapes[made] == graph.shape(made)) continue;
    return NodeProblem{index, {ErrorCode::internal, "its rows and columns were not found"}};
  }
  return {};
}

std::optional<NodeProblem> no_image(const Graph& graph) {
  if (graph.output_shape().spatial()) return {};
  const auto maker = std::ranges::find(graph.nodes, graph.output, &Node::output);
  return NodeProblem{static_cast<std::size_t>(maker - graph.nodes.begin()),
                     {ErrorCode::not_exact, "it makes numbers of the whole image, and no image"},
                     BlockerReason::whole_image_pool};
}

std::vector<NodeProblem> find_problems(const Graph& graph, std::vector<NodeProblem> problems) {
  const Inference inference = infer_all(graph, graph.image_size());
  add_first_causes(graph, inference.problems, problems);
  if (!problems.empty()) return problems;
  if (auto problem = other_shape(graph, inference)) return {*problem};
  if (auto problem = no_image(graph)) return {*problem};
  for (const Axis axis : {Axis::y, Axis::x}) {
    for (auto& problem : derive_scales(graph, axis).problems)
      problems.push_back(std::move(problem));
    if (!problems.empty()) break;
  }
  return problems;
}

}  // namespace

Blocker blocker_of(const Graph& graph, const NodeProblem& problem) {
  return {node_name(graph, problem.node), graph.nodes[problem.node].op, problem.error.message,
          problem.reason};
}

Tileability check_tileable(const Graph& graph, std::vector<NodeProblem> doubts) {
  Tileability tileability;
  for (const NodeProblem& problem : find_problems(graph, std::move(doubts))) {
    tileability.blockers.push_back(blocker_of(graph, problem));
    const bool not_exact = problem.error.code == ErrorCode::not_exact;
    if (!not_exact) tileability.verdict = Verdict::unsupported;
    if (tileability.verdict == Verdict::exact) tileability.verdict = Verdict::not_exact;
  }
  return tileability;
}

}  // namespace sectile::internal
