#include "src/plan/prediction.h"

namespace sectile::internal {

PlannedMemory memory_of(const PlanInput& input, const SessionMemory& session, int workers) {
  PlannedMemory memory;
  memory.process_bytes = input.process_bytes;
  memory.file_bytes = input.file_bytes;
  memory.weight_bytes = session.weight_bytes;
  memory.indirection_bytes = session.indirection_bytes;
  memory.workspace_bytes = session.workspace_bytes;
  memory.buffer_bytes = session.buffer_bytes;
  memory.workers = workers;
  return memory;
}

// Measured: 0.23 ms per MiB, against 85 multiply-adds per nanosecond.
double touching_work(const PlannedMemory& memory) {
  constexpr double kWorkPerByte = 19;
  return kWorkPerByte * static_cast<double>(memory.session_bytes() + memory.strip_bytes);
}

}  // namespace sectile::internal
