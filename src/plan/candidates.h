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
#include "src/analysis/footprint.h"
#include "src/analysis/memory.h"

namespace sectile {

// What one worker does and holds for a tile of a given size.
struct TileCosts {
  double work = 0;        // multiply-adds of one run
  double table_work = 0;  // of making the session's tables: once, or in each run of a lean session
  SessionMemory session;
};

struct PlanInput {
  AxisGeometry y;
  AxisGeometry x;
  // Errors: invalid_argument when the network does not accept the tile.
  std::function<Result<TileCosts>(Size tile, bool lean)> tile_costs;
  std::int64_t input_row_bytes = 0;   // one row of the (extended) image, all bands, as float
  std::int64_t output_row_bytes = 0;  // one row of the output likewise
  std::int64_t process_bytes = 0;     // held whatever the plan is
  std::int64_t file_bytes = 0;        // likewise, by the source and the sink
  double file_work = 0;               // of reading the image and writing the output
};

struct PlanRequest {
  Mode mode = Mode::automatic;
  std::optional<Size> tile;
  int workers = 1;
  std::int64_t memory_bytes = 0;
  bool spare_memory = false;  // memory is not given but found: trade time for it
};

struct Candidate {
  Size tile;
  bool lean = false;
  int workers = 1;
  std::int64_t tiles = 1;
  TileCosts costs;
  double time = 0;  // predicted, in multiply-adds
  PlannedMemory memory;
};

// The candidates for a request, with exact costs. Not empty.
// Errors: invalid_argument (a tile below the smallest useful one; a size the network does not
// accept).
Result<std::vector<Candidate>> make_candidates(const PlanInput& input, const PlanRequest& request);

// The whole image as one tile, which other plans are compared with.
// Errors: those of the costs.
Result<Candidate> whole_image(const PlanInput& input);

}  // namespace sectile
