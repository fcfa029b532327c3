// What a plan is made of: memory, alternatives, passes, tiles.
//
// Thread safety: plain data.
#pragma once

#include <cstdint>
#include <string>

#include "sectile/geometry.h"
#include "sectile/options.h"

namespace [[gnu::visibility("default")]] sectile {

// Peak resident memory by its parts, in bytes.
struct PlannedMemory {
  std::int64_t process_bytes = 0;  // the program, its libraries, what the process held before
  std::int64_t file_bytes = 0;     // blocks of the source and of the sink
  std::int64_t kept_bytes = 0;     // images that later passes read
  std::int64_t strip_bytes = 0;    // rows read ahead, rows that wait to be written
  // Of each worker:
  std::int64_t weight_bytes = 0;       // packed weights
  std::int64_t indirection_bytes = 0;  // indirection tables, those of a lean session excepted
  std::int64_t workspace_bytes = 0;    // values between the layers
  std::int64_t buffer_bytes = 0;       // input and output of one tile
  std::int64_t history_bytes = 0;      // rows of every layer that a stream's next step needs
  int workers = 1;

  std::int64_t session_bytes() const {
    return weight_bytes + indirection_bytes + workspace_bytes + buffer_bytes + history_bytes;
  }
  std::int64_t total() const {
    return process_bytes + file_bytes + kept_bytes + strip_bytes + workers * session_bytes();
  }
  // The least limit that a plan is made for: a little more, as no prediction is exact.
  std::int64_t least_limit() const { return total() + total() / 64; }
};

// A plan that was compared with the chosen one.
struct PlanAlternative {
  std::string name;  // "chosen", "fastest", "leanest", "whole image"
  Mode mode = Mode::tile;
  Size tile;
  int workers = 1;
  int threads = 1;  // of each worker
  bool transient_tables = false;
  double time = 1;  // predicted; 1 is that of the chosen plan
  std::int64_t peak_bytes = 0;
  bool fits = true;  // into the limit
};

// One pass over the image. A network that takes statistics of the whole image has several: all but
// the last add up the statistics that the next ones take.
struct PlannedPass {
  std::int64_t statistics = 0;  // numbers that the pass adds up; 0: it makes the output
  std::int64_t pixels = 0;      // over so many pixels each
  int kept_images_read = 0;     // of earlier passes; 0: it reads the image alone
  std::int64_t kept_bytes = 0;  // of what it keeps for later passes
  Mode mode = Mode::tile;
  Size tile;  // of a stream: its step
  std::int64_t lanes = 1;
  std::int64_t steps = 1;
  int workers = 1;
  int threads = 1;           // of each worker
  double compute_ratio = 1;  // its work : work of one whole-image run
  std::int64_t peak_bytes = 0;
};

// One tile along one axis: it is fed input[input) and gives output[output); both in coordinates of
// the (extended) image.
struct AxisTile {
  Range input;
  Range output;
  friend bool operator==(const AxisTile&, const AxisTile&) = default;
};

}  // namespace sectile
