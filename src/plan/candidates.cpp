#include "src/plan/candidates.h"

#include <utility>

#include "src/plan/stream_candidates.h"
#include "src/plan/tile_candidates.h"

namespace sectile::internal {

Result<std::vector<Candidate>> make_candidates(const PlanInput& input, NetworkCosts& network,
                                               const PlanRequest& request) {
  if (request.mode == Mode::stream) return stream_candidates(input, network, request);
  auto candidates = tile_candidates(input, network, request);
  const bool any_mode = request.mode == Mode::automatic && !request.tile;
  if (!candidates || !any_mode || !network.can_stream()) return candidates;
  const auto streams = stream_candidates(input, network, request);
  if (!streams) return candidates;
  candidates->insert(candidates->end(), streams->begin(), streams->end());
  return candidates;
}

}  // namespace sectile::internal
