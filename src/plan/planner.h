// Planner: chooses mode, tile and workers for one image.
//
// It sees a network only as two axes and as costs, so everything here is arithmetic.
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sectile/plan.h"
#include "sectile/result.h"
#include "src/analysis/footprint.h"

namespace sectile {

// What one worker holds and does for a tile of a given size.
struct TileCosts {
  double work = 0;                 // of one run
  std::int64_t session_bytes = 0;  // the session, its buffers included
};

struct PlanInput {
  AxisGeometry y;
  AxisGeometry x;
  // Errors: invalid_argument when the network does not accept the tile.
  std::function<Result<TileCosts>(Size tile)> tile_costs;
  std::int64_t input_row_bytes = 0;   // one row of the (extended) image, all bands, as float
  std::int64_t output_row_bytes = 0;  // one row of the output likewise
  std::int64_t process_bytes = 0;     // held whatever the plan is
};

struct PlanRequest {
  Mode mode = Mode::automatic;
  std::optional<Size> tile;
  int workers = 1;
  std::int64_t memory_bytes = 0;
};

struct TileLayout {
  Size tile;
  std::vector<Span> rows;
  std::vector<Span> columns;
  int workers = 1;
  double compute_ratio = 1;
  std::int64_t predicted_peak_bytes = 0;
};

// `automatic` takes, of the plans within the memory, the one with the least sum of predicted time
// (1 is that of the fastest plan there is) and 0.4 times its memory (1 is what the whole image as
// one tile would need, 4 GiB at most).
// Errors: invalid_argument (a tile below the smallest useful one), over_budget (the message names
// the least that would do).
Result<TileLayout> choose_layout(const PlanInput& input, const PlanRequest& request);

}  // namespace sectile
