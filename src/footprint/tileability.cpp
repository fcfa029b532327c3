#include "src/footprint/tileability.h"

#include <utility>

#include "src/footprint/scales.h"
#include "src/graph/infer.h"

namespace sectile::internal {

namespace {

std::vector<NodeProblem> find_problems(const Graph& graph) {
  std::vector<NodeProblem> problems = infer_all(graph, graph.image_size()).problems;
  if (!problems.empty()) return problems;
  for (const Axis axis : {Axis::y, Axis::x}) {
    for (auto& problem : derive_scales(graph, axis).problems)
      problems.push_back(std::move(problem));
    if (!problems.empty()) break;
  }
  return problems;
}

}  // namespace

Tileability check_tileable(const Graph& graph) {
  Tileability tileability;
  for (const NodeProblem& problem : find_problems(graph)) {
    tileability.blockers.push_back({node_name(graph, problem.node), graph.nodes[problem.node].op,
                                    problem.error.message, problem.reason});
    const bool not_exact = problem.error.code == ErrorCode::not_exact;
    if (!not_exact) tileability.verdict = Verdict::unsupported;
    if (tileability.verdict == Verdict::exact) tileability.verdict = Verdict::not_exact;
  }
  return tileability;
}

}  // namespace sectile::internal
