#include "src/plan/stream_candidates.h"

#include <algorithm>
#include <set>

#include "src/base/integers.h"
#include "src/cost/machine_model.h"
#include "src/plan/prediction.h"
#include "src/plan/run_memory.h"

namespace sectile::internal {

namespace {

// In the plan (twice, while it is handed over) and in the scheduler.
constexpr std::int64_t kBytesPerStep = 2 * sizeof(AxisTile) + 8;

std::set<std::int64_t> step_rows_to_try(const PlanInput& input, const PlanRequest& request) {
  if (request.step_rows) return {*request.step_rows};
  std::set<std::int64_t> rows;
  constexpr std::int64_t kMostRows = 128;
  for (std::int64_t wanted = 4; wanted <= kMostRows; wanted *= 2) {
    rows.insert(round_up(std::min(wanted, input.y.length), input.y.grid));
  }
  return rows;
}

// As many as workers, half as many, and so on.
std::set<int> lanes_to_try(int workers) {
  std::set<int> lanes;
  for (int count = workers; count >= 1; count /= 2) lanes.insert(count);
  return lanes;
}

double program_seconds(const StreamCosts& costs) {
  const std::int64_t packed_bytes =
      costs.session.weight_bytes - costs.nodes * kMemoryModel.bytes_per_node;
  return kTimeModel.seconds_per_program +
         kTimeModel.seconds_per_packed_byte * static_cast<double>(packed_bytes);
}

// Of a stream that waits for the writer: a row of the file's blocks is written when its last row is
// made, and meanwhile no more steps are made than there are strips.
double waiting_seconds(const PlanInput& input, double seconds_per_step, std::int64_t strips) {
  const double covered = static_cast<double>(strips - 1) * seconds_per_step;
  return input.block_rows * std::max(0.0, input.block_row_seconds - covered);
}

Candidate predict(const PlanInput& input, const StreamCosts& costs, bool transient_tables,
                  std::int64_t strips) {
  Candidate candidate;
  candidate.stream = true;
  candidate.tile = costs.step;
  candidate.transient_tables = transient_tables;
  candidate.workers = static_cast<int>(costs.lanes);
  candidate.tiles = costs.lanes;
  candidate.work = costs.all_work;
  PlannedMemory& memory = candidate.memory;
  memory = memory_of(input, costs.session, candidate.workers);
  memory.buffer_bytes = 0;  // the ends of a stream's step are rows of its row buffers
  memory.history_bytes = costs.history_bytes;
  candidate.strips = std::min(strips, costs.steps);
  memory.strip_bytes = candidate.strips * (costs.step.height * input.input_row_bytes +
                                           costs.output_rows * input.output_row_bytes) +
                       costs.steps * kBytesPerStep;
  const auto steps = static_cast<double>(costs.steps);
  const auto programs = static_cast<double>(costs.programs);
  candidate.seconds = kTimeModel.computing(costs.work) +
                      (transient_tables ? steps : programs) * costs.indirection_seconds +
                      steps * (costs.traffic_seconds + kTimeModel.calling(costs.nodes)) +
                      programs * program_seconds(costs) + first_touch_seconds(memory) +
                      input.file_seconds / steps;
  candidate.seconds += waiting_seconds(input, candidate.seconds / steps, candidate.strips);
  return candidate;
}

}  // namespace

Result<std::vector<Candidate>> stream_candidates(const PlanInput& input, NetworkCosts& network,
                                                 const PlanRequest& request) {
  std::vector<Candidate> candidates;
  Error last{ErrorCode::internal, "[plan] there is no stream"};
  for (const std::int64_t step_rows : step_rows_to_try(input, request)) {
    for (const int lanes : lanes_to_try(request.workers)) {
      for (const bool transient_tables : {false, true}) {
        const auto costs = network.stream(step_rows, lanes, transient_tables);
        if (!costs) {
          last = costs.error();
          continue;
        }
        for (const std::int64_t strips : kStreamStrips) {
          candidates.push_back(predict(input, *costs, transient_tables, strips));
        }
      }
    }
  }
  if (candidates.empty()) return fail(last);
  return candidates;
}

}  // namespace sectile::internal
