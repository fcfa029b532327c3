// Candidates: the plans worth comparing for one image, each with its predicted time and memory.
//
// Which ones there are does not depend on the memory allowed: so allowing more only adds to what
// can be chosen.
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sectile/plan.h"
#include "sectile/result.h"
#include "src/footprint/axis_geometry.h"
#include "src/plan/network_costs.h"

namespace sectile::internal {

// One image, as the planner sees it.
struct PlanInput {
  AxisGeometry y;
  AxisGeometry x;
  std::int64_t input_row_bytes = 0;   // one row of the (extended) image, all bands, as float
  std::int64_t output_row_bytes = 0;  // one row of the output likewise
  std::int64_t process_bytes = 0;     // held by the process, whatever the plan is
  std::int64_t file_bytes = 0;        // held by the source and the sink, likewise
  std::int64_t kept_bytes = 0;        // of images that later passes read
  double file_seconds = 0;            // of reading the image and writing the output
  double block_row_seconds = 0;       // of writing a row of the output file's blocks, at once
  double block_rows = 0;              // how many there are
};

struct PlanRequest {
  Mode mode = Mode::automatic;
  std::optional<Size> tile;
  std::optional<std::int64_t> step_rows;  // of a stream
  int workers = 1;
  std::int64_t memory_bytes = 0;
  int concurrent_runs = 1;    // which have that much each
  bool spare_memory = false;  // memory is not given but found: trade time for it
};

struct Candidate {
  bool stream = false;
  Size tile;  // of a stream: its step
  bool transient_tables = false;
  int workers = 1;
  int threads = 1;         // of each worker
  std::int64_t tiles = 1;  // of a stream: its lanes
  std::int64_t strips = 1;
  double work = 0;     // multiply-adds of the whole run
  double seconds = 0;  // predicted
  PlannedMemory memory;
};

// The candidates for a request, with exact costs. Not empty.
// REQUIRES: network.can_stream(), for the mode `stream`.
// Errors: those of tile_candidates and stream_candidates.
Result<std::vector<Candidate>> make_candidates(const PlanInput& input, NetworkCosts& network,
                                               const PlanRequest& request);

}  // namespace sectile::internal
