// Tileability: whether a network can be cut into tiles with equal bits, and what prevents it.
//
// Thread safety: plain data and pure functions.
#pragma once

#include <vector>

#include "sectile/footprint.h"
#include "src/graph/graph.h"
#include "src/graph/infer.h"

namespace sectile::internal {

// `exact` has no blockers; `unsupported` as soon as one blocker is, else `not_exact`.
struct Tileability {
  Verdict verdict = Verdict::exact;
  std::vector<Blocker> blockers;
};
// The problem as a blocker of the method.
Blocker blocker_of(const Graph& graph, const NodeProblem& problem);

// `doubts`: what is wrong with some nodes already (exported_size.h); what follows those is not
// looked at.
Tileability check_tileable(const Graph& graph, std::vector<NodeProblem> doubts = {});

}  // namespace sectile::internal
