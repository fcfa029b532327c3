#include "src/plan/prediction.h"

#include "src/cost/machine_model.h"

namespace sectile::internal {

PlannedMemory memory_of(const PlanInput& input, const SessionMemory& session, int workers) {
  PlannedMemory memory;
  memory.process_bytes = input.process_bytes;
  memory.file_bytes = input.file_bytes;
  memory.kept_bytes = input.kept_bytes;
  memory.weight_bytes = session.weight_bytes;
  memory.indirection_bytes = session.indirection_bytes;
  memory.workspace_bytes = session.workspace_bytes;
  memory.buffer_bytes = session.buffer_bytes;
  memory.workers = workers;
  return memory;
}

double first_touch_seconds(const PlannedMemory& memory) {
  return kTimeModel.seconds_per_first_touched_byte *
         static_cast<double>(memory.session_bytes() + memory.strip_bytes);
}

}  // namespace sectile::internal
