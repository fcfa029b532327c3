// NetworkCosts: all that the planner knows of a network.
//
// The planner asks for the costs of tiles and of streams over one image; what a network is made of
// stays with whoever answers (network_plan.cpp, or a formula in tests).
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>

#include "sectile/geometry.h"
#include "sectile/result.h"
#include "src/cost/memory.h"

namespace sectile::internal {

// What one worker does and holds for a tile of a given size.
struct TileCosts {
  double work = 0;                 // multiply-adds of one run
  double traffic_seconds = 0;      // of values that leave the cache, in one run
  double indirection_seconds = 0;  // of making the session's tables, once; transient: in each run
  SessionMemory session;
  std::int64_t nodes = 0;
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
  std::int64_t nodes = 0;          // that a step runs, at most
  std::int64_t programs = 1;       // loaded one after the other
  SessionMemory session;           // the largest of them
  std::int64_t history_bytes = 0;  // rows that later steps need
  std::int64_t output_rows = 1;    // most that a step makes
};

class NetworkCosts {
 public:
  virtual ~NetworkCosts() = default;

  // Errors: invalid_argument (the network does not accept the tile).
  virtual Result<TileCosts> tile(Size size, bool transient_tables) = 0;

  virtual bool can_stream() const = 0;

  // REQUIRES: can_stream(); step_rows is a multiple of the grid; lanes >= 1.
  // Errors: of making such a stream.
  virtual Result<StreamCosts> stream(std::int64_t step_rows, int lanes, bool transient_tables) = 0;
};

}  // namespace sectile::internal
