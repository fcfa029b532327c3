#include "src/session/kept_sessions.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "src/cost/memory.h"

namespace sectile::internal {

namespace {

std::int64_t session_bytes(const StreamNetwork& lane, std::size_t program) {
  const Graph graph = lane.step_graph(program).graph;
  return graph.nodes.empty() ? 0 : session_memory(graph).total();
}

// A plan counts the largest session of a lane, so that much is there for one that is not kept.
std::vector<bool> kept_of(const StreamNetwork& lane, std::int64_t spare_bytes) {
  const auto& programs = lane.programs();
  std::vector<std::size_t> order(programs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](std::size_t i) { return programs[i].steps; });
  std::vector<bool> kept(programs.size(), false);
  for (const std::size_t program : order) {
    const std::int64_t bytes = session_bytes(lane, program);
    if (bytes > spare_bytes) break;
    spare_bytes -= bytes;
    kept[program] = true;
  }
  return kept;
}

}  // namespace

std::vector<std::vector<bool>> kept_sessions(
    const std::vector<std::shared_ptr<const StreamNetwork>>& lanes, const PlanData& plan) {
  const std::int64_t spare_bytes =
      (plan.memory_limit_bytes - plan.memory.least_limit()) / std::ssize(lanes);
  std::vector<std::vector<bool>> kept;
  for (const auto& lane : lanes) kept.push_back(kept_of(*lane, spare_bytes));
  return kept;
}

}  // namespace sectile::internal
