// Plan: what a run will do, decided before anything is allocated.
//
// A plan is an immutable value. It cuts the output into lanes that cover it once; each lane is
// computed by one run of the network over one tile of the input. All tiles have one size, start on
// the network's grid and end at the image's edge where they touch it, so that the network's own
// padding is the true one; rows that a tile's inner edge spoils are cropped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sectile/geometry.h"
#include "sectile/image.h"
#include "sectile/model.h"
#include "sectile/result.h"

namespace sectile {

enum class Mode { automatic, whole, tile };
const char* to_string(Mode mode);  // "auto", "whole", "tile"

struct PlanOptions {
  std::int64_t memory_bytes = 0;  // peak of the process; 0: half of what the machine has free
  int threads = 0;                // workers; 0: one per processor
  Mode mode = Mode::automatic;
  std::optional<Size> tile = {};  // input pixels; fitted downwards to the image. Implies Mode::tile
  std::string method = {};        // empty: the model's default method
};

// One tile along one axis: it is fed input[input) and gives output[output); both in coordinates of
// the (extended) image.
struct Span {
  Range input;
  Range output;
  friend bool operator==(const Span&, const Span&) = default;
};

struct Plan {
  std::string method;
  Mode mode = Mode::whole;  // whole or tile, never automatic
  Size image;               // the input as it is
  Size extended;            // the input the network is run on: larger at the bottom and right (edge
                            // repeated) for networks that do not accept the image's own size
  Size output;              // the output as it is written
  Size tile;                // input pixels of one run
  std::vector<Span> rows;   // the tiles along y, top to bottom
  std::vector<Span> columns;
  int workers = 1;
  double compute_ratio = 1;  // work of the plan : work of one whole-image run
  std::int64_t predicted_peak_bytes = 0;
  ImageInfo output_image;

  std::int64_t lanes() const { return static_cast<std::int64_t>(rows.size() * columns.size()); }
  std::int64_t steps() const { return lanes(); }
  // What create_image needs to know: size, bands, the input's pixel type, the geotransform scaled
  // by the network's scale.
  const ImageInfo& output_info() const { return output_image; }
  // A few lines for people.
  std::string to_string() const;
};

// Errors: not_found (method), unsupported and not_exact (the message names the node and the
// reason), invalid_argument (bands that differ from the network's channels, a tile below the
// smallest useful one: the message names it, an image too small for the network), over_budget.
Result<Plan> make_plan(const Model& model, const ImageInfo& image, const PlanOptions& options = {});

}  // namespace sectile
