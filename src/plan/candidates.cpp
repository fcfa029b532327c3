#include "src/plan/candidates.h"

#include <utility>

#include "src/plan/prediction.h"
#include "src/plan/stream_candidates.h"
#include "src/plan/tile_candidates.h"

namespace sectile {

PlannedMemory memory_of(const PlanInput& input, const SessionMemory& session, int workers) {
  PlannedMemory memory;
  memory.process_bytes = input.process_bytes;
  memory.file_bytes = input.file_bytes;
  memory.weight_bytes = session.weight_bytes;
  memory.table_bytes = session.table_bytes;
  memory.workspace_bytes = session.workspace_bytes;
  memory.buffer_bytes = session.buffer_bytes;
  memory.workers = workers;
  return memory;
}

// Measured: 0.23 ms per MiB, against 85 multiply-adds per nanosecond.
double touching_work(const PlannedMemory& memory) {
  constexpr double kWorkPerByte = 19;
  return kWorkPerByte * static_cast<double>(memory.session_bytes() + memory.band_bytes);
}

Result<std::vector<Candidate>> make_candidates(const PlanInput& input, const PlanRequest& request) {
  if (request.mode == Mode::stream) return stream_candidates(input, request);
  auto candidates = tile_candidates(input, request);
  const bool any_mode = request.mode == Mode::automatic && !request.tile;
  if (!candidates || !any_mode || !input.stream_costs) return candidates;
  const auto streams = stream_candidates(input, request);
  if (!streams) return candidates;
  candidates->insert(candidates->end(), streams->begin(), streams->end());
  return candidates;
}

}  // namespace sectile
