// Candidates: the plans worth comparing for one image, each with its predicted time and memory.
//
// Which ones there are does not depend on the memory allowed: so allowing more only adds to what
// can be chosen.
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sectile/plan.h"
#include "sectile/result.h"
#include "src/cost/memory.h"
#include "src/footprint/axis_geometry.h"

namespace sectile::internal {

// What one worker does and holds for a tile of a given size.
struct TileCosts {
  double work = 0;                 // multiply-adds of one run
  double traffic_seconds = 0;      // of values that leave the cache, in one run
  double indirection_seconds = 0;  // of making the session's tables, once; transient: in each run
  SessionMemory session;
};

// What one worker does and holds that streams down a lane.
struct StreamCosts {
  Size step;                       // rows of the image, and columns of the widest lane
  std::int64_t lanes = 1;          // as many as fit side by side, at most those asked for
  double work = 0;                 // multiply-adds of the lane that has most to do
  double all_work = 0;             // of all lanes
  double traffic_seconds = 0;      // of values that leave the cache, and of copies, in one step
  double indirection_seconds = 0;  // of making the tables of its step, once
  std::int64_t steps = 1;
  std::int64_t programs = 1;       // loaded one after the other
  SessionMemory session;           // the largest of them
  std::int64_t history_bytes = 0;  // rows that later steps need
  std::int64_t output_rows = 1;    // most that a step makes
};

struct PlanInput {
  AxisGeometry y;
  AxisGeometry x;
  // Errors: invalid_argument when the network does not accept the tile.
  std::function<Result<TileCosts>(Size tile, bool transient_tables)> tile_costs;
  // Empty when the network cannot be streamed. `step_rows` is a multiple of the grid.
  std::function<Result<StreamCosts>(std::int64_t step_rows, int lanes, bool transient_tables)>
      stream_costs;
  std::int64_t input_row_bytes = 0;   // one row of the (extended) image, all bands, as float
  std::int64_t output_row_bytes = 0;  // one row of the output likewise
  std::int64_t process_bytes = 0;     // held whatever the plan is
  std::int64_t file_bytes = 0;        // likewise, by the source and the sink
  double file_seconds = 0;            // of reading the image and writing the output
};

struct PlanRequest {
  Mode mode = Mode::automatic;
  std::optional<Size> tile;
  std::optional<std::int64_t> step_rows;  // of a stream
  int workers = 1;
  std::int64_t memory_bytes = 0;
  bool spare_memory = false;  // memory is not given but found: trade time for it
};

struct Candidate {
  bool stream = false;
  Size tile;  // of a stream: its step
  bool transient_tables = false;
  int workers = 1;
  std::int64_t tiles = 1;  // of a stream: its lanes
  double work = 0;         // multiply-adds of the whole run
  double seconds = 0;      // predicted
  PlannedMemory memory;
};

// The candidates for a request, with exact costs. Not empty. REQUIRES: input.stream_costs, for the
// mode `stream`.
// Errors: those of tile_candidates and stream_candidates.
Result<std::vector<Candidate>> make_candidates(const PlanInput& input, const PlanRequest& request);

}  // namespace sectile::internal
