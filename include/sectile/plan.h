// Plan: what a run will do, decided before anything is allocated.
//
// A plan is an immutable value. It cuts the output into lanes that cover it once.
//
// In tile mode a lane is computed by one run of the network over one tile of the input. All tiles
// have one size, start on the network's grid and end at the image's edge where they touch it, so
// that the network's own padding is the true one; rows that a tile's inner edge spoils are cropped.
// The whole image can be one tile.
//
// In stream mode lanes are ranges of columns. Each walks down the image, some rows a step, and
// keeps of every layer the rows that its next step needs: nothing is computed twice but what the
// lanes' inner edges need of each other.
//
// In approximate mode, taken only when it is asked for, a network that cannot be cut is run as it
// was exported, over overlapping tiles of that size whose outputs are blended. The result has not
// the bits of a whole-image run.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/image.h"
#include "sectile/model.h"
#include "sectile/options.h"
#include "sectile/result.h"

namespace [[gnu::visibility("default")]] sectile {

// Peak resident memory by its parts, in bytes.
struct PlannedMemory {
  std::int64_t process_bytes = 0;  // the program, its libraries, what the process held before
  std::int64_t file_bytes = 0;     // blocks of the source and of the sink
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
    return process_bytes + file_bytes + strip_bytes + workers * session_bytes();
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
  bool transient_tables = false;
  double time = 1;  // predicted; 1 is that of the chosen plan
  std::int64_t peak_bytes = 0;
  bool fits = true;  // into the limit
};

// One tile along one axis: it is fed input[input) and gives output[output); both in coordinates of
// the (extended) image.
struct AxisTile {
  Range input;
  Range output;
  friend bool operator==(const AxisTile&, const AxisTile&) = default;
};

struct Plan {
  std::string method;
  Mode mode = Mode::whole;  // never automatic
  Size image;               // the input as it is
  Size extended;            // the input the network is run on: larger at the bottom and right (edge
                            // repeated) for networks that do not accept the image's own size
  Size output;              // the output as it is written
  Size tile;                // input pixels of one run: of a tile, or of a step in the widest lane
  // The tiles along y, top to bottom, and along x. In stream mode: the steps (the image rows that
  // one takes up, the output rows that it makes; either may be empty), and the lanes. In
  // approximate mode their outputs overlap, and may reach beyond the image.
  std::vector<AxisTile> rows;
  std::vector<AxisTile> columns;
  bool transient_tables =
      false;  // sessions make their tables anew in each run: less memory, more time
  int workers = 1;
  double compute_ratio = 1;  // work of the plan : work of one whole-image run
  PlannedMemory memory;
  std::int64_t memory_limit_bytes = 0;  // what the plan was made for
  std::vector<PlanAlternative> alternatives;
  std::int64_t lag_rows = 0;  // of a stream: image rows read before the output rows beside them
  std::string no_stream;      // why the network cannot be streamed, where that was asked and so
  Size overlap;               // of approximate mode: input pixels that neighbours share at least
  ImageInfo output_image;
  bool trim_heap = false;  // PlanOptions::host

  std::int64_t predicted_peak_bytes() const { return memory.total(); }

  // Whether the output may have other bits than that of a whole-image run. In approximate mode too
  // it has the same when one tile is the whole image.
  bool approximate() const { return !output_image.approximation.empty(); }

  std::int64_t lanes() const { return mode == Mode::stream ? std::ssize(columns) : steps(); }
  // Of all lanes: how often the network runs. In tile mode each lane has one.
  std::int64_t steps() const { return std::ssize(rows) * std::ssize(columns); }
  // What create_image needs to know: size, bands, the input's pixel type, the geotransform scaled
  // by the network's scale.
  const ImageInfo& output_info() const { return output_image; }
  // A table for people: what will happen, what takes how much memory, what else was considered.
  std::string to_string() const;
};

// Errors: not_found (method), unsupported and not_exact (the message names the node and the
// reason), invalid_argument (bands that differ from the network's channels, a tile below the
// smallest useful one: the message names it, an image too small for the network, Mode::approximate
// for a network that can be cut exactly), over_budget.
Result<Plan> make_plan(const Model& model, const ImageInfo& image, const PlanOptions& options = {});

}  // namespace sectile
